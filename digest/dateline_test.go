package digest

import "testing"

func TestWithoutDateline(t *testing.T) {
	for _, tt := range []struct{ name, given, want string }{
		{"a place and an agency", "PORT LOW (AP) — The ferry ran aground.", "The ferry ran aground."},
		{"an agency's name without a dash", "Port Low (CNN) The ferry ran aground.", "The ferry ran aground."},
		{"an agency alone", "(CNN) The ferry ran aground.", "The ferry ran aground."},
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
