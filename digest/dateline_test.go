package digest

import "testing"

func TestWithoutDateline(t *testing.T) {
	for _, tt := range []struct{ name, given, want string }{
		{"a place and an agency", "PORT LOW (AP) — The ferry ran aground.", "The ferry ran aground."},
		{"an agency's name without a dash", "Port Low (CNN) The ferry ran aground.", "The ferry ran aground."},
		{"an agency alone", "(CNN) The ferry ran aground.", "The ferry ran aground."},
		{"an agency glued to the first word has no end", "(CNN)The ferry ran aground.", "(CNN)The ferry ran aground."},
		{"an agency before two dashes", "(CNN) -- The ferry ran aground.", "The ferry ran aground."},
		{"an agency before a low dash", "PORT LOW (AP) _ The ferry ran aground.", "The ferry ran aground."},
		{"an agency in square brackets", "[Reuters] The ferry ran aground.", "The ferry ran aground."},
		{"an agency without brackets", "CNN — The ferry ran aground.", "The ferry ran aground."},
		{"a short agency without brackets", "AP - The ferry ran aground.", "The ferry ran aground."},
		{"a German desk", "Köln (dpa/lnw) - Die Fähre lief auf Grund.", "Die Fähre lief auf Grund."},
		{"a German desk with a hyphen", "Frankfurt (dpa-AFX) - Die Fähre lief auf Grund.", "Die Fähre lief auf Grund."},
		{"a plain name in brackets is no agency", "HALE (45)The ferry ran aground.", "HALE (45)The ferry ran aground."},
		{"an agency of which is spoken", "The agency (AP) The Harbour paid ran aground.", "The agency (AP) The Harbour paid ran aground."},
		{"an agency's share is none", "Reuters (CNN) and the ferry ran aground.", "Reuters (CNN) and the ferry ran aground."},
		{"what belongs to the sentence behind an agency", "(AP)'s ferry ran aground.", "(AP)'s ferry ran aground."},
		{"the time of an entry", "14:32 The ferry ran aground.", "The ferry ran aground."},
		{"the time of an entry with a zone", "2.32 p.m. GMT: The ferry ran aground.", "2.32 p.m. GMT: The ferry ran aground."},
		{"a German time with a colon", "14.32 Uhr: Die Fähre lief auf Grund.", "Die Fähre lief auf Grund."},
		{"a French time", "14h32 - Le ferry a échoué.", "Le ferry a échoué."},
		{"a time that belongs to the sentence", "14.32 Uhr Ortszeit lief die Fähre auf Grund.", "14.32 Uhr Ortszeit lief die Fähre auf Grund."},
		{"a number that looks like a time", "3.45 Millionen Menschen sahen die Fähre.", "3.45 Millionen Menschen sahen die Fähre."},
		{"a time before a small word", "14:32 was when the ferry ran aground.", "14:32 was when the ferry ran aground."},
		{"brackets glued to a word", "(S)he ran the ferry aground.", "(S)he ran the ferry aground."},
		{"a colon behind a shouted place", "PORT LOW: The ferry ran aground.", "The ferry ran aground."},
		{"a German agency", "Port Low (dpa) – Die Fähre lief auf Grund.", "Die Fähre lief auf Grund."},
		{"a French date", "Paris, 3 mars (AFP) — Le ferry a échoué.", "Le ferry a échoué."},
		{"a Spanish dash", "Madrid, 3 mar (EFE).- El ferri encalló.", "El ferri encalló."},
		{"an Italian agency before the place", "(ANSA) - ROMA, 3 MAR - Il traghetto si è arenato.", "Il traghetto si è arenato."},
		{"a Russian place and date", "МОСКВА, 3 марта — Паром сел на мель.", "Паром сел на мель."},
		{"an Arabic agency", "القاهرة (رويترز) - جنحت العبارة قرب الميناء.", "جنحت العبارة قرب الميناء."},
		{"a Chinese agency and its reporter", "新华社北京3月3日电（记者王明）渡轮在港口搁浅。", "渡轮在港口搁浅。"},
		{"a Japanese place", "【東京共同】フェリーが港で座礁した。", "フェリーが港で座礁した。"},
		{"a Korean reporter", "(서울=연합뉴스) 홍길동 기자 = 여객선이 좌초했다.", "여객선이 좌초했다."},
		{"a colon in a sentence is none", "Port Low: the ferry ran aground.", "Port Low: the ferry ran aground."},
		{"the name of who speaks is none", "HALE: We saw the ferry run aground.", "HALE: We saw the ferry run aground."},
		{"what somebody shouts is none", "NATO: alliance of many.", "NATO: alliance of many."},
		{"brackets in a sentence are none", "The ferry (built in 1990) ran aground.", "The ferry (built in 1990) ran aground."},
		{"an age is none", "Hale (45) – the mayor – spoke.", "Hale (45) – the mayor – spoke."},
		{"Chinese that speaks of an agency", "新华社的记者在港口。", "新华社的记者在港口。"},
		{"a place of which nothing is left", "PORT LOW (AP) —", "PORT LOW (AP) —"},
	} {
		if got := withoutDateline(tt.given); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", tt.name, tt.given, got, tt.want)
		}
	}
}

func TestSpacedDateline(t *testing.T) {
	for _, tt := range []struct{ name, given, want string }{
		{"an agency glued to the first word", "(CNN)The ferry ran aground.", "The ferry ran aground."},
		{"an agency's desk glued to it", "(CNN Business)The ferry ran aground.", "The ferry ran aground."},
		{"a place and an agency glued to it", "Port Low (CNN)The ferry ran aground.", "The ferry ran aground."},
		{"an agency glued to a number", "(Reuters)90 people left the ferry.", "90 people left the ferry."},
		{"an agency glued to a dash", "PORT LOW (AP)—The ferry ran aground.", "The ferry ran aground."},
		{"an agency in square brackets", "[AFP]The ferry ran aground.", "The ferry ran aground."},
		{"a space that is there", "(CNN) The ferry ran aground.", "The ferry ran aground."},
		{"a plain name in brackets is no agency", "HALE (45)The ferry ran aground.", "HALE (45)The ferry ran aground."},
		{"what belongs to the sentence behind an agency", "(AP)'s ferry ran aground.", "(AP)'s ferry ran aground."},
		{"brackets glued to a word", "(S)he ran the ferry aground.", "(S)he ran the ferry aground."},
		{"an agency and nothing", "(CNN)", "(CNN)"},
		{"nothing", "", ""},
	} {
		if got := withoutDateline(SpacedDateline(tt.given)); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", tt.name, tt.given, got, tt.want)
		}
	}
}
