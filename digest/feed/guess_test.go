package feed

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// TestAWrongCharsetIsToldByTheBytes reads feeds that claim to be UTF-8 and are not.
func TestAWrongCharsetIsToldByTheBytes(t *testing.T) {
	const japaneseText = "下フェル町は土曜日、川沿いの旧パン屋に工具の図書館を開いた。住民は四百十二点の鋸や梯子を一週間無料で借りられる。"
	const chineseText = "费尔镇星期六在一家旧面包店里开设了一个仓库，所有人都可以免费借用梯子和锯子。居民可以借一个星期，不用付钱。"
	for _, c := range []struct {
		name, text string
		in         encoding.Encoding
	}{
		{"Russian", "В субботу в Нижнем Фелле открылась библиотека инструментов, которая разместилась в бывшей пекарне у реки.", charmap.Windows1251},
		{"Russian of Unix", "В субботу в Нижнем Фелле открылась библиотека инструментов, которая разместилась в бывшей пекарне у реки.", charmap.KOI8R},
		{"Greek", "Το Σάββατο άνοιξε στο Κάτω Φελ μια βιβλιοθήκη εργαλείων, σε έναν παλιό φούρνο δίπλα στο ποτάμι.", charmap.Windows1253},
		{"Hebrew", "ביום שבת נפתחה בעיירה ספרייה לכלי עבודה במאפייה ישנה ליד הנהר, אמר ראש העיר לעיתונאים.", charmap.Windows1255},
		{"Arabic", "افتتحت البلدة يوم السبت مكتبة لإعارة الأدوات في مخبز قديم قرب النهر، بحسب رئيس البلدية.", charmap.Windows1256},
		{"Japanese", japaneseText, japanese.ShiftJIS},
		{"Japanese of Unix", japaneseText, japanese.EUCJP},
		{"Korean", "펠 마을은 토요일 옛 빵집에 누구나 사다리와 톱을 빌릴 수 있는 창고를 열었다. 주민은 일주일 동안 무료로 쓴다.", korean.EUCKR},
		{"Chinese", chineseText, simplifiedchinese.GB18030},
		{"Chinese of Taiwan", "費爾鎮星期六在一家舊麵包店裡開設了一個倉庫，所有人都可以免費借用梯子和鋸子。居民可以借一個星期，不用付錢。", traditionalchinese.Big5},
		{"German", "Die Bäckerei von Köln eröffnete am Samstag ein Lager für Schläuche, Leitern und Sägen, größer als je zuvor.", charmap.Windows1252},
		{"French", "La ville a ouvert samedi, dans une ancienne boulangerie réaménagée, une réserve où l’on prête des échelles.", charmap.Windows1252},
	} {
		document, err := c.in.NewEncoder().String(`<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title><item><title>A</title><description>` + strings.Repeat(c.text+" ", 3) + `</description></item></channel></rss>`)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse([]byte(document), "application/rss+xml", base, noon)
		if err != nil || len(f.Items) != 1 || !strings.HasPrefix(f.Items[0].Summary, c.text) {
			t.Errorf("%s: Parse gives %+v, %v; want the text %q", c.name, f.Items, err, c.text)
		}
	}
}
