package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"time"

	"bonus-adapter/cmd/bonus-adapter/conformance"
)

// runConformance judges any endpoint of IRP «История бонусов».
func runConformance(ctx context.Context, p *program, args []string) error {
	set := p.flags("conformance")
	target := conformance.Target{Unknown: "unknown-" + rand.Text()}
	set.StringVar(&target.Key, "key", "", "the API `key`")
	set.StringVar(&target.User, "user", "", "the `id` of a customer who has a history")
	set.StringVar(&target.Unknown, "unknown", target.Unknown, "an `id` that no customer has")
	set.DurationVar(&target.Within, "within", 5*time.Second, "the `time` in which an answer has to be there")
	authority := set.String("ca", "", "trust the certificates of this PEM `file` too")
	asJSON := set.Bool("json", false, "print JSON")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	target.URL = set.Arg(0)
	if target.URL == "" || target.Key == "" || target.User == "" {
		return fmt.Errorf("%w: name the URL, --key and --user", errUsage)
	}
	client, err := p.caller(*authority)
	if err != nil {
		return err
	}
	target.Client = client
	report, err := conformance.Judge(ctx, target)
	client.CloseIdleConnections()
	if err != nil {
		return err
	}
	return p.tellConformance(report, *asJSON)
}

// caller makes the client that stands for Imshop's server.
func (p *program) caller(authority string) (*http.Client, error) {
	trusted, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if authority != "" {
		text, err := p.readFile(authority)
		if err != nil {
			return nil, err
		}
		if !trusted.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", authority)
		}
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}, MaxConnsPerHost: 32},
	}, nil
}

// tellConformance prints a report. It is an error if a clause fails.
func (p *program) tellConformance(report *conformance.Report, asJSON bool) error {
	if asJSON {
		if err := p.printJSON(report); err != nil {
			return err
		}
	} else if err := p.printConformance(report); err != nil {
		return err
	}
	if !report.OK {
		return errReported
	}
	return nil
}

func (p *program) printConformance(report *conformance.Report) error {
	var text strings.Builder
	counts := map[string]int{}
	for _, found := range report.Findings {
		counts[found.Verdict]++
		fmt.Fprintf(&text, "%-5s%s %s\n", found.Verdict, found.Clause, found.Title)
		if found.Detail != "" {
			text.WriteString(wrapped("         ", found.Detail))
		}
	}
	fmt.Fprintf(&text, "\n%s: %d pass, %d fail, %d notes\n", report.URL, counts[conformance.Pass], counts[conformance.Fail], counts[conformance.Note])
	_, err := p.out.Write([]byte(text.String()))
	return err
}
