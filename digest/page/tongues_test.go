package page

import (
	"strings"
	"testing"
)

// TestBlogsOfManyTonguesComeOutUnwrapped reads the same kind of page as blog.html, a
// story in the furniture of a blog, where both are written in another language.
func TestBlogsOfManyTonguesComeOutUnwrapped(t *testing.T) {
	for _, c := range []struct {
		name, language, title string
		text                  []string
		before, behind        []string
	}{
		{"Russian", "ru", "В Нижнем Фелле открылась библиотека инструментов", []string{
			"В субботу в Нижнем Фелле открылась библиотека инструментов, которая разместилась в бывшей пекарне у реки.",
			"Жители могут взять на неделю любую из 412 пил, дрелей и лестниц и ничего не платить, сообщил мэр.",
			"Двое столяров на пенсии проверяют возвращённое и точат лезвия по понедельникам до девяти утра."},
			[]string{"Реклама", "Поделиться"}, []string{"Читайте также: мост закрыт", "Теги: мост, пекарня", "Подписывайтесь на наш канал в Telegram", "0 комментариев", "Оставить комментарий"}},
		{"Arabic", "ar", "افتتاح مكتبة للأدوات في البلدة", []string{
			"افتتحت بلدة فيل السفلى يوم السبت مكتبة لإعارة الأدوات في مخبز قديم قرب النهر، بحسب رئيس البلدية.",
			"ويستطيع السكان استعارة أي من 412 منشارا ومثقابا وسلما لمدة أسبوع من دون مقابل، وفق ما قاله المسؤول.",
			"ويفحص نجاران متقاعدان ما يعاد ويشحذان الشفرات صباح كل يوم اثنين قبل التاسعة."},
			[]string{"إعلان"}, []string{"اقرأ أيضا: إغلاق الجسر القديم", "المزيد"}},
		{"Japanese", "ja", "下フェル町に工具の図書館が開館", []string{
			"下フェル町は土曜日、川沿いの旧パン屋に工具の図書館を開いた。町長によると、住民は四百十二点の鋸や梯子を一週間無料で借りられる。",
			"引退した二人の大工が毎週月曜日の朝九時までに返却品を点検し、刃を研ぐという。",
			"町は暖房費として月に四十クラウンを負担し、来年には二か所目を開く予定だ。"},
			[]string{"広告", "シェア"}, []string{"関連記事", "タグ: 工具", "コメントを投稿"}},
		{"Chinese", "zh", "费尔镇开设工具图书馆", []string{
			"费尔镇星期六在河边一家旧面包店里开设了一座工具图书馆，镇长说，居民可以免费借用锯子、电钻和梯子。",
			"每件工具可以借一个星期，馆里共有四百一十二件，坏了的由两位退休木匠修理。",
			"木匠们每星期一早上九点以前检查还回来的工具，并磨好刀刃。"},
			[]string{"广告"}, []string{"相关阅读", "发表评论", "分享"}},
		{"Spanish", "es", "Fell abre una biblioteca de herramientas", []string{
			"La ciudad de Fell de Abajo abrió el sábado, en una antigua panadería, una biblioteca de herramientas.",
			"Los vecinos pueden llevarse durante una semana cualquiera de las 412 sierras, taladros y escaleras, dijo el alcalde.",
			"Dos carpinteros jubilados revisan lo que vuelve y afilan las hojas los lunes antes de las nueve."},
			[]string{"Publicidad", "Compartir en Facebook"}, []string{"Lee también: el puente cerrado", "Etiquetas: puente", "Publicar un comentario", "Síguenos en Telegram"}},
		{"Korean", "ko", "펠 마을에 공구 도서관이 문을 열었다", []string{
			"펠 마을은 토요일 강가의 옛 빵집에 누구나 사다리와 톱을 빌릴 수 있는 공구 도서관을 열었다고 밝혔다.",
			"주민은 공구 412점을 일주일 동안 무료로 빌릴 수 있다고 이장이 말했다.",
			"은퇴한 목수 두 명이 월요일 아침 아홉 시 전에 돌아온 공구를 점검하고 날을 간다."},
			[]string{"광고"}, []string{"관련기사", "공유"}},
	} {
		line := func(class string, lines []string) string {
			return `<div class="` + class + `"><p>` + strings.Join(lines, "</p><p>") + `</p></div>`
		}
		source := `<!DOCTYPE html><html lang="` + c.language + `"><head><meta charset="utf-8"><title>` + c.title + `</title></head><body><div class="main"><h1>Fell Notes</h1><div class="post hentry"><h3 class="post-title">` + c.title + `</h3>` +
			line("x1", c.before) + `<div class="post-body">` + strings.Join(c.text, "<br><br>") + `</div>` + line("x2", c.behind) + `</div></div></body></html>`
		p, err := Read([]byte(source), "text/html", "https://notes.example/2026/tools.html", noon)
		if want := strings.Join(c.text, "\n\n"); err != nil || p.Kind != Article || p.Text != want || p.Title != c.title || p.Language != c.language {
			t.Errorf("%s: Read gives %v\n%swant\n%s", c.name, err, show(p), want)
		}
	}
}
