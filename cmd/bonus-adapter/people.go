package main

import (
	"regexp"
	"strings"
)

// aboutPeople are parts of the names under which a CRM keeps what is about a person, in English and in Russian.
const aboutPeople = `(?i:name|phone|mail|address|birth|passport|surname|patronymic|contact|comment|note|card|barcode|city|street|` +
	`fio|фио|имя|фамили|отчеств|телефон|почт|адрес|рожд|паспорт|контакт|комментари|примечани|карт|штрихкод|город|улиц|покупател)`

// Texts about people, as CRMs' answers have them. What the config itself names is left as it is: the case needs it.
var (
	personMember = regexp.MustCompile(`"([\pL_]*` + aboutPeople + `[\pL_]*)"(\s*:\s*)"((?:[^"\\]|\\.)+)"`)
	personTag    = regexp.MustCompile(`<((?:[\pL\pN_.-]+:)?[\pL_]*` + aboutPeople + `[\pL_]*)([^<>]*)>([^<>]+)</`)
	mailAddress  = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	phoneNumber  = regexp.MustCompile(`\+\d[\d ()-]{9,17}\d`)
)

// withoutPeople takes out of an answer what probably names a person and is not read by the config: texts under names such
// as firstName or phone, and mail addresses and phone numbers wherever they stand. It is a help, and no proof.
func withoutPeople(body, configText string) string {
	keeps := func(name string) bool {
		if at := strings.LastIndexByte(name, ':'); at >= 0 {
			name = name[at+1:]
		}
		return regexp.MustCompile(`(?:^|[^\pL\pN_])` + regexp.QuoteMeta(name) + `(?:$|[^\pL\pN_])`).MatchString(configText)
	}
	body = personMember.ReplaceAllStringFunc(body, func(found string) string {
		parts := personMember.FindStringSubmatch(found)
		if keeps(parts[1]) {
			return found
		}
		return `"` + parts[1] + `"` + parts[2] + `"removed"`
	})
	body = personTag.ReplaceAllStringFunc(body, func(found string) string {
		parts := personTag.FindStringSubmatch(found)
		if keeps(parts[1]) {
			return found
		}
		return "<" + parts[1] + parts[2] + ">removed</"
	})
	body = mailAddress.ReplaceAllString(body, "removed@example.com")
	return phoneNumber.ReplaceAllString(body, "+70000000000")
}
