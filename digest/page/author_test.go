package page

import "testing"

// TestBylines reads who wrote it from lines as outlets of many languages print them.
func TestBylines(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`<p>By Ann Bell, Political Editor</p>`, "Ann Bell"},
		{`<p>By Ann Bell and Bo Carr</p>`, "Ann Bell and Bo Carr"},
		{`<p>By ANN BELL<br>Staff writer, and what she saw in Lower Fell on the day on which the bridge was closed for all trucks, as it was told to her by those who live beside it</p>`, "ANN BELL"},
		{`<h5><em>Von Änne Bell</em></h5>`, "Änne Bell"},
		{`<p>Von <strong><a href="/x">Änne Bell</a></strong> und <strong>Bo Carr</strong><br>Der Rat von Niederfell beschloss am Montag nach drei Stunden, die Brücke zu sperren.</p>`, "Änne Bell und Bo Carr"},
		{`<p><strong>Autorin: Änne Bell, Projektleiterin der Brücke in Niederfell.</strong></p>`, "Änne Bell"},
		{`<p>Par Marie Dupont avec AFP</p>`, "Marie Dupont"},
		{`<p>Por Ana Lima, de São Paulo</p>`, "Ana Lima"},
		{`<p>Автор: Анна Белова</p>`, "Анна Белова"},
		{`<p>Текст: Анна Белова</p>`, "Анна Белова"},
		{`<p>Του Γιώργου Παπαδόπουλου</p>`, "Γιώργου Παπαδόπουλου"},
		{`<p>Írta: Kovács Péter</p>`, "Kovács Péter"},
		{`<p>Tác giả: Nguyễn Văn An</p>`, "Nguyễn Văn An"},
		{`<p>Yazan: Ayşe Yılmaz</p>`, "Ayşe Yılmaz"},
		{`<p>Oleh: Budi Santoso</p>`, "Budi Santoso"},
		{`<p>Piše: Ana Horvat</p>`, "Ana Horvat"},
		{`<p>بقلم: سارة الأحمد</p>`, "سارة الأحمد"},
		{`<p>נכתב<br>x</p><p>מאת דנה לוי</p>`, "דנה לוי"},
		{`<p>نویسنده: علی رضایی</p>`, "علی رضایی"},
		{`<p>लेखक: अनिल शर्मा</p>`, "अनिल शर्मा"},
		{`<p>โดย สมชาย ใจดี</p>`, "สมชาย ใจดี"},
		{`<p>홍길동 기자</p>`, "홍길동"},
		{`<p>記者王小明／台北報導</p>`, "王小明"},
		{`<p>文／山田太郎</p>`, "山田太郎"},
		{`<div class="post-footer"><span class="post-author vcard">Eingestellt von <span class="fn">der Michel</span></span></div>`, "der Michel"},
		{`<meta name="citation_author" content="Ann Bell"><meta name="citation_author" content="Bo Carr">`, "Ann Bell, Bo Carr"},
		{`<script type="application/ld+json">{"@type":"NewsArticle","creator":["Ann Bell",{"@type":"Person","name":{"@value":"Bo Carr"}}]}</script>`, "Ann Bell, Bo Carr"},
		{`<meta name="author" content="fell_admin2"><p>By Ann Bell</p>`, "Ann Bell"},
		{`<meta name="author" content="FELLPOST"><p>By Ann Bell</p>`, "Ann Bell"},
		{`<meta name="author" content="Bund der Brücken e.V."><p>Von Änne Bell</p>`, "Änne Bell"},
		{`<p>By the river the water rose by a hand.</p>`, ""},
		{`<p>Von Niederfell nach Oberfell</p>`, ""},
		{`<p>Автор неизвестен</p>`, ""},
	} {
		source := `<html><head><title>Niederfell</title></head><body><div class="layout has-sidebar"><h2>Niederfell</h2>` + c.line + story + `</div>`
		p, err := Read([]byte(source), "text/html; charset=utf-8", "https://www.fellpost.example/tal/bruecke", noon)
		if err != nil || p.Author != c.want {
			t.Errorf("Read of %s gives the author %q, %v; want %q", c.line, p.Author, err, c.want)
		}
	}
}
