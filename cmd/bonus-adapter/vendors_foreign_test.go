package main

import (
	"fmt"
	"time"

	"bonus-adapter/crm/crmtest"
)

// foreignVendorTests are the stand-ins of vendors outside of Russia.
func foreignVendorTests() []vendorTest {
	return []vendorTest{
		talonOneTest(), voucherifyTest(), squareTest(), salesforceTest(), smileTest(), capillaryTest(), erpnextTest(), odooTest(),
	}
}

const noEntries = "0 entries +0 -0"

// newestOf is the entry of a ledger's newest transaction.
func newestOf(ledger *crmtest.Ledger, message string, activation time.Time, expiration string) string {
	return fmt.Sprintf(`{"added":%d,"expired":0,"definitionMessage":%q,"activationDate":"%d","expirationDate":%s}`,
		ledger.Points(0), message, activation.UnixMilli(), expiration)
}

// allOf tells of a busy customer's history, with points that are no transactions of the ledger.
func allOf(ledger *crmtest.Ledger, entries, burned int) string {
	added, expired := ledger.Sums()
	return fmt.Sprintf("%d entries +%d -%d", ledger.Busy+entries, added, expired+burned)
}

// midnight is when a day begins.
func midnight(of time.Time) time.Time { return of.Truncate(24 * time.Hour) }

func talonOneTest() vendorTest {
	s := &crmtest.TalonOne{Ledger: crmtest.Ledger{Busy: 2500}, Key: "talon-key", Program: "170017"}
	expires := fmt.Sprintf(`"%d"`, s.At(0).AddDate(1, 0, 0).UnixMilli())
	return vendorTest{
		"talonone", s,
		map[string]string{"TALONONE_URL": "URL", "TALONONE_KEY": "talon-key", "TALONONE_PROGRAM": "170017"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 1, 7), newestOf(&s.Ledger, "transaction", s.At(0), expires)},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=user_not_found", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_status", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"TALONONE_KEY",
	}
}

func voucherifyTest() vendorTest {
	s := &crmtest.Voucherify{Ledger: crmtest.Ledger{Busy: 430}, ID: "app-id", Token: "app-token"}
	return vendorTest{
		"voucherify", s,
		map[string]string{"VOUCHERIFY_URL": "URL", "VOUCHERIFY_ID": "app-id", "VOUCHERIFY_TOKEN": "app-token"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Начисление бонусов", s.At(0), "null")},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=user_not_found", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_error_body", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"VOUCHERIFY_TOKEN",
	}
}

func squareTest() vendorTest {
	s := &crmtest.Square{Ledger: crmtest.Ledger{Busy: 100}, Token: "square-token"}
	return vendorTest{
		"square", s,
		map[string]string{"SQUARE_URL": "URL", "SQUARE_TOKEN": "square-token"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Начисление за покупку", s.At(0), "null")},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=user_not_found", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_error_body", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"SQUARE_TOKEN",
	}
}

func salesforceTest() vendorTest {
	s := &crmtest.Salesforce{Ledger: crmtest.Ledger{Busy: 450}, ClientID: "client-id", ClientSecret: "client-secret", Program: "Inner Circle"}
	return vendorTest{
		"salesforce", s,
		map[string]string{"SALESFORCE_URL": "URL", "SALESFORCE_CLIENT_ID": "client-id", "SALESFORCE_CLIENT_SECRET": "client-secret", "SALESFORCE_PROGRAM": "Inner Circle"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Accrual", s.At(0), "null")},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "fallback; reason=crm_error_body", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"SALESFORCE_CLIENT_SECRET",
	}
}

func smileTest() vendorTest {
	s := &crmtest.Smile{Ledger: crmtest.Ledger{Busy: 600}, Key: "smile-key"}
	return vendorTest{
		"smile", s,
		map[string]string{"SMILE_URL": "URL", "SMILE_KEY": "smile-key"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "transaction", s.At(0), "null")},
			{"67890", "live; reason=no_transactions", noEntries, ""},
			{crmtest.SmileHasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"SMILE_KEY",
	}
}

func capillaryTest() vendorTest {
	s := &crmtest.Capillary{Ledger: crmtest.Ledger{Busy: 150}, Key: "cap-key", Secret: "cap-secret", Source: "INSTORE"}
	return vendorTest{
		"capillary", s,
		map[string]string{"CAPILLARY_URL": "URL", "CAPILLARY_KEY": "cap-key", "CAPILLARY_SECRET": "cap-secret", "CAPILLARY_SOURCE": "INSTORE"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Начисление бонусов", s.At(0), "null")},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=user_not_found", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_error_body", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"CAPILLARY_SECRET",
	}
}

func erpnextTest() vendorTest {
	s := &crmtest.ERPNext{Ledger: crmtest.Ledger{Busy: 250}, Key: "erp-key", Secret: "erp-secret"}
	return vendorTest{
		"erpnext", s,
		map[string]string{"ERPNEXT_URL": "URL", "ERPNEXT_KEY": "erp-key", "ERPNEXT_SECRET": "erp-secret"},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Начисление по документу ACC-SINV-90000", midnight(s.At(0)), fmt.Sprintf(`"%d"`, midnight(s.At(0).AddDate(1, 0, 1)).UnixMilli()-1))},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_auth", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"ERPNEXT_SECRET",
	}
}

func odooTest() vendorTest {
	s := &crmtest.Odoo{Ledger: crmtest.Ledger{Busy: 450}, DB: "odoo-db", User: "odoo-user", Key: "odoo-key"}
	return vendorTest{
		"odoo", s,
		map[string]string{"ODOO_URL": "URL", "ODOO_DB": "odoo-db", "ODOO_USER": "odoo-user", "ODOO_KEY": "odoo-key", "ODOO_PROGRAM": crmtest.OdooProgram},
		[]askedOf{
			{crmtest.Busy, "live", allOf(&s.Ledger, 0, 0), newestOf(&s.Ledger, "Card 044", s.At(0), "null")},
			{crmtest.Newbie, "live; reason=no_transactions", noEntries, ""},
			{crmtest.Unknown, "live; reason=user_not_found", noEntries, ""},
			{crmtest.Unlucky, "fallback; reason=crm_error_body", noEntries, ""},
			{crmtest.Hasty, "fallback; reason=crm_rate_limited", noEntries, ""},
		},
		"ODOO_KEY",
	}
}
