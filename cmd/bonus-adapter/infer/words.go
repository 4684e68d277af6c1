package infer

import (
	"slices"
	"strings"
	"unicode"
)

// wordsOf takes a key apart: createdAt, created_at and CREATED-AT are created and at.
func wordsOf(key string) []string {
	var words []string
	begin, runes := 0, []rune(key)
	cut := func(end int) {
		if end > begin {
			words = append(words, strings.ToLower(string(runes[begin:end])))
		}
	}
	for i, c := range runes {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			cut(i)
			begin = i + 1
		case i > begin && unicode.IsUpper(c) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			cut(i)
			begin = i
		}
	}
	cut(len(runes))
	return words
}

// has tells whether one of the words is one of the list, or begins with one that ends in *.
func has(words, list []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return slices.ContainsFunc(list, matches(word)) })
}

func matches(word string) func(string) bool {
	return func(known string) bool {
		stem, open := strings.CutSuffix(known, "*")
		return word == known || open && strings.HasPrefix(word, stem)
	}
}

// Words by which keys and codes are known. One that ends in * stands for all that begin so.
var (
	wordsPoints      = strings.Fields(`point* bonus* score* coin* mile* reward* cashback* loyalty балл* бонус* бал punkt* punt* ponto* puan* 积分 積分 ポイント ұпай* ball* stamp* star* kredit* token*`)
	wordsAmount      = strings.Fields(`amount* sum summ summa value val delta change* diff difference qty quantity total net size сумма* сум количеств* кол величина изменени* размер значени* betrag* menge wert importe* valor* montant* kwota* ilosc tutar* miktar* cantidad* importo* quantite* suma hodnota`)
	wordsNotAmount   = strings.Fields(`balance* saldo остат* баланс* remain* left after before rest id ids guid uuid number num no nr page limit offset code version ver phone tel order* check cheque receipt* bill line index idx row year month day hour minute second percent* pct rate ratio level tier rank lat latitude lon lng longitude count cnt store shop branch terminal till device cashier user customer client account card program programme campaign ruleset rule sku article inn kpp номер код телефон заказ* чек* год месяц день процент* курс уровен* магазин* касса кассир* клиент* карта total_count`)
	wordsMoney       = strings.Fields(`price* cash money purchase* cost* discount* tax* vat revenue turnover rub rur usd eur kzt byn currency paid payment pay цена* стоимост* скидк* покупк* оплат* руб* деньг* выручк* preis* precio* prix cena fiyat importe_total`)
	wordsMinusColumn = strings.Fields(`expired expire* lost lose spent spend* spendings used use redeem* debit* burn* burnt withdraw* withdrawal* writeoff subtract* deduct* consumed charged minus negative out outgo* expense* списа* сгор* кспис* расход* потрачен* израсход* trac* gastad* verbraucht eingeloest utilis* usat* harcanan`)
	wordsPlusColumn  = strings.Fields(`added add earn* accru* credit* issued issue granted grant received receiv* gain* income incoming in plus positive начисл* приход* зачисл* получен* накоплен* erhalten gesammelt ganad* gagn* guadagn* kazan* naliczone`)

	wordsTime      = strings.Fields(`date time datetime timestamp ts moment at when on created creation period day occurred happened posted posting posting_date activity event transaction operation registered дата время датавремя момент период создан* datum zeit fecha data zeitpunkt tarih dt buchung* fech* horodatage`)
	wordsExpires   = strings.Fields(`expire* expiry expiration exp burn* till until to end ends finish valid deadline due lapse* сгора* сгорит истека* истеч* до окончани* действует годен ablauf* ablaeuft verfall* gultig* gueltig* bis vence venc* caduc* scad* echeance bitis wygas* waznosc`)
	wordsActivates = strings.Fields(`activat* activation active actual available availability effective effect from start* starts begin* execut* execution начал* актив* доступн* вступ* ab aktiv* disponible inicio valid_from`)
	wordsNotTime   = strings.Fields(`updated update modified modif* changed edited birth* birthday dob sync* import* export* deleted closed last login registration изменен* рожден* обновлен*`)
	wordsCreated   = strings.Fields(`created creation moment date datetime timestamp occurred happened posted posting dt дата датавремя период time period tarih fecha datum`)

	wordsText       = strings.Fields(`备注 描述 说明 why description* desc title* name text message* label caption comment* reason* remark* details subject purpose info definition display операци* описани* наименован* название основани* комментари* назначени* причин* текст заголов* beschreibung bezeichnung verwendungszweck descripcion concepto motivo libelle descrizione causale aciklama opis tytul`)
	wordsBetterText = strings.Fields(`备注 描述 说明 description* desc title* text message* display описани* наименован* назначени* beschreibung* descripcion descrizione aciklama opis libelle concepto bezeichnung`)
	wordsPrivate    = strings.Fields(`internal* private note notes memo staff hidden admin secret служеб* внутрен* заметк* примечани* manager* operator* author* employee* cashier* notiz* intern* nota notas backoffice debug trace raw`)
	wordsPerson     = strings.Fields(`email mail phone tel mobile first last middle surname patronymic fullname firstname lastname fio фио имя фамилия отчество телефон почта address адрес birthday login username user customer client member person owner клиент* покупател* держател* recipient kunde cliente`)
	wordsThing      = strings.Fields(`store shop brand currency program programme level tier category city region street device location магазин* бренд* валют* программ* unit image file url href link avatar icon media terminal till partner campaign rule ruleset object class schema model locale lang language timezone zone`)

	wordsType     = strings.Fields(`类型 type kind operation* op action* event direction dir category code mode sort class nature class вид тип операци* действи* направлени* движени* art vorgang* tipo typ movimiento movement mouvement tur islem transaction* entry reason recordtype record journal change* dc sign`)
	wordsBestType = strings.Fields(`类型 type kind operation* action direction dir тип вид tipo typ art vorgang* movement движени* вид_движения`)
	wordsStatus   = strings.Fields(`status state состояни* статус* durum estado zustand statut stan stato`)
	wordsIdentity = strings.Fields(`id uuid guid uid ид идентификатор number nr номер key ref reference`)

	wordsPlus     = strings.Fields(`earn* accru* credit* accumulat* add added addition adding award* bonus welcome birthday gift grant* issue* issued income incoming in plus + cr начисл* приход* зачисл* накоплен* подарок подарочн* приветств* receipt deposit* topup refill gutschrift* gesammelt abono acumula* ganado gagn* accredito kazanim yukleme naliczenie referral* promo* receive* received reward`)
	wordsMinus    = strings.Fields(`spend* spent redeem* redemption* burn* burnt burned expire* expired expiration debit* withdraw* withdrawal* deduct* deduction subtract* subtraction writeoff write_off charge* consum* usage used use out outgoing minus - dr спис* сгор* расход* оплат* использ* вычет* потрач* истек* expense einloesung* einlosung* verfall* belastung canje* caduc* gasto utilis* riscatto scadenza harcama wykorzystanie wygasniecie loss lost lose lapse* payment pay`)
	wordsReversal = strings.Fields(`cancel* refund* revers* return* rollback* void* revert* recall* undo* adjust* correct* transfer* exchange* pending hold* reserve* block* lock* unlock* unblock* storn* возврат* отмен* коррект* сторн* перенос* перевод* заморо* блокир* резерв* move* merge* manual* annul* devol* ruck* rueck*`)

	wordsNegation = strings.Fields(`not non no не нет без without nicht kein* sin sans nie bez`)

	wordsCanceled = strings.Fields(`cancel* rejected reject* void* voided deleted declined failed fail* error revoked annulled storn* отмен* отклон* удален* аннулир* ошибка* inactive неактив*`)
	wordsPending  = strings.Fields(`pending wait* hold* draft future scheduled planned inprogress processing planning ожида* отлож* черновик* заморож* неактивирован* reserve* not_active vorgemerkt pendiente`)

	wordsMoneyUnit = strings.Fields(`rub rur руб рубль рублей рубли ₽ usd $ eur € kzt тенге byn uah грн gbp £ try cny inr dollar* euro* ruble* rubel money cash деньги`)

	wordsList    = strings.Fields(`transaction* history operation* bonus* event* ledger journal* entries entry movement* record* recordset rows items data log points историй история операци* движени* транзакци* бонус* balls list activities activity change* umsaetze bewegungen movimientos mouvements hareketler historia value return details`)
	wordsNotList = strings.Fields(`position* item line* cheque* check product* goods image* file* warning* error* user* attribute* tag* link* store* categor* level* card* account* member* customer* cart basket товар* позиц* ошибк* покуп* field* metadata customfields address* phone* programs`)

	wordsHolders = strings.Fields(`accounts members customers users cards clients subscribers profiles счета клиенты карты`)

	wordsBurned = strings.Fields(`burn* expire* expired expiration expiry lapse* сгор* истек* verfall* caduc* scad* wygas*`)

	wordsUTC = strings.Fields(`utc gmt`)
)
