package page

import "testing"

// TestPagesThatAreNoArticle reads what servers send instead of an article, in
// several languages.
func TestPagesThatAreNoArticle(t *testing.T) {
	const (
		english = "<p>The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery.</p>"
		german  = "<p>Die Stadt Niederfell hat am Samstag in einer alten Bäckerei ein Lager eröffnet, aus dem sich alle Leitern, Sägen und Bohrer leihen können.</p>"
		french  = "<p>La ville de Bas-Fell a ouvert samedi, dans une ancienne boulangerie, une réserve où chacun peut emprunter des échelles et des scies.</p>"
		spanish = "<p>La ciudad de Fell de Abajo abrió el sábado, en una antigua panadería, un almacén donde todos pueden tomar prestadas escaleras y sierras.</p>"
		italian = "<p>La città di Fell ha aperto sabato, in un vecchio forno, un deposito da cui tutti possono prendere in prestito scale e seghe.</p>"
	)
	in := func(language, title, body string) string {
		return `<!DOCTYPE html><html lang="` + language + `"><head><title>` + title + `</title></head><body><h1>` + title + `</h1>` + body + `</body></html>`
	}
	for _, c := range []struct {
		name, page string
		want       Kind
	}{
		{"a paywall in English", in("en", "Lower Fell opens a library of tools", english+"<p>To continue reading, subscribe from 4 crowns a month.</p>"), Paywall},
		{"a paywall in German", in("de", "Niederfell verleiht Werkzeug", german+"<div><p>Weiterlesen mit Fell Plus</p><p>Jetzt 4 Wochen kostenlos testen</p></div>"), Paywall},
		{"another in German", in("de", "Niederfell verleiht Werkzeug", german+"<p>Dieser Artikel ist nur für Abonnenten zugänglich.</p>"), Paywall},
		{"a paywall in French", in("fr", "Bas-Fell prête ses outils", french+"<p>Il vous reste 80 % de cet article à lire. La suite est réservée aux abonnés.</p>"), Paywall},
		{"another in French", in("fr", "Bas-Fell prête ses outils", french+"<p>Abonnez-vous pour lire la suite</p>"), Paywall},
		{"a paywall in Spanish", in("es", "Fell presta herramientas", spanish+"<p>Suscríbete para seguir leyendo</p>"), Paywall},
		{"a paywall in Italian", in("it", "Fell presta gli attrezzi", italian+"<p>Abbonati per continuare a leggere</p>"), Paywall},
		{"a paywall in Portuguese", in("pt", "Fell empresta ferramentas", "<p>A cidade de Fell abriu no sábado, numa antiga padaria, um depósito de onde todos podem levar escadas e serras.</p><p>Conteúdo exclusivo para assinantes</p>"), Paywall},
		{"a paywall in Dutch", in("nl", "Fell leent gereedschap uit", "<p>De stad Fell opende zaterdag in een oude bakkerij een magazijn waar iedereen ladders en zagen kan lenen.</p><p>Dit artikel is alleen voor abonnees</p>"), Paywall},
		{"a paywall in Polish", in("pl", "Fell wypożycza narzędzia", "<p>Miasto Fell otworzyło w sobotę w dawnej piekarni magazyn, z którego każdy może pożyczyć drabiny i piły.</p><p>Pozostało 75% tekstu. Artykuł dostępny tylko dla prenumeratorów</p>"), Paywall},
		{"a paywall in Swedish", in("sv", "Fell lånar ut verktyg", "<p>Staden Fell öppnade i lördags i ett gammalt bageri ett förråd där alla kan låna stegar och sågar.</p><p>Det här är en artikel för prenumeranter</p>"), Paywall},
		{"a paywall in Russian", in("ru", "Фелл выдаёт инструменты", "<p>Город Фелл открыл в субботу в старой пекарне склад, где каждый может взять на время лестницы и пилы.</p><p>Полный текст доступен только подписчикам</p>"), Paywall},
		{"a paywall in Japanese", in("ja", "フェル町が工具を貸し出す", "<p>フェル町は土曜日、古いパン屋を改装し、はしごやのこぎりを無料で貸し出す倉庫を開いた。</p><p>この記事は有料会員限定です。残り1200文字</p>"), Paywall},
		{"a paywall in Chinese", in("zh", "费尔镇出借工具", "<p>费尔镇星期六在一家旧面包店里开设了一个仓库，所有人都可以免费借用梯子和锯子。</p><p>订阅后继续阅读全文</p>"), Paywall},
		{"a paywall in Korean", in("ko", "펠 마을이 공구를 빌려준다", "<p>펠 마을은 토요일 옛 빵집에 누구나 사다리와 톱을 빌릴 수 있는 창고를 열었다.</p><p>구독하고 전체 기사 보기</p>"), Paywall},

		{"consent in English", in("en", "Before you continue", "<p>We and our 214 partners store and access information on your device, such as cookies, and process personal data for advertising.</p><p>You can change your choice at any time under privacy settings.</p><a href='/yes'>Accept all</a> <a href='/no'>Reject all</a>"), Consent},
		{"consent in German", in("de", "Fell Post", "<h2>Mit Werbung weiterlesen</h2><p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und Tracking. Die Zustimmung ist jederzeit widerrufbar.</p><p>Wir und unsere Partner verwenden Cookies und verarbeiten personenbezogene Daten, um Anzeigen zu messen.</p><p>Alle akzeptieren</p>"), Consent},
		{"consent in French", in("fr", "Votre vie privée", "<p>Nous et nos partenaires utilisons des cookies pour stocker et consulter des informations personnelles, comme votre visite sur ce site.</p><p>Vous pouvez retirer votre consentement à tout moment.</p><p>Tout accepter</p>"), Consent},
		{"consent in Spanish", in("es", "Tu privacidad", "<p>Nosotros y nuestros socios utilizamos cookies y tratamos datos personales para mostrar publicidad y medirla.</p><p>Puedes retirar tu consentimiento en cualquier momento.</p><p>Aceptar todo</p>"), Consent},
		{"consent in Italian", in("it", "La tua privacy", "<p>Noi e i nostri partner utilizziamo i cookie e trattiamo dati personali per mostrare annunci e per misurarli.</p><p>Puoi revocare il tuo consenso in qualsiasi momento.</p><p>Accetta tutto</p>"), Consent},
		{"consent in Dutch", in("nl", "Privacy", "<p>Wij en onze partners gebruiken cookies en verwerken persoonsgegevens om advertenties te tonen.</p><p>Je kunt je toestemming op elk moment intrekken.</p><p>Alles accepteren</p>"), Consent},
		{"consent in Polish", in("pl", "Prywatność", "<p>My i nasi partnerzy używamy plików cookie i przetwarzamy dane osobowe, aby wyświetlać reklamy.</p><p>Zgodę możesz wycofać w każdej chwili.</p><p>Akceptuję wszystkie</p>"), Consent},
		{"an article about consent", in("en", "Court forbids consent by silence", "<p>A court in Lower Fell ruled on Friday that websites may not store cookies before a reader has given consent to it.</p><p>Three publishers had argued that whoever reads on agrees with the processing of personal data by their partners.</p><p>The judges said that silence is no answer, and that a button to reject all must be as large as the one to accept.</p><p>The publishers have a month to appeal against the ruling, which does not hold for the whole country.</p>"), Article},

		{"not found in German", in("de", "Seite nicht gefunden", "<p>Die gewünschte Seite gibt es nicht oder nicht mehr. Bitte prüfen Sie die Adresse in Ihrem Browser.</p><p>Über die Suche finden Sie vielleicht, was Sie gesucht haben, oder Sie gehen zurück zur Startseite.</p>"), Failure},
		{"not found in French", in("fr", "Oups !", "<p>La page que vous cherchez n’existe pas ou a été déplacée. Vérifiez l’adresse dans votre navigateur.</p><p>Vous pouvez revenir à la page d’accueil ou faire une recherche.</p>"), Failure},
		{"not found in Spanish", in("es", "Error 404", "<p>La página que busca no existe o ha cambiado de dirección. Compruebe que la dirección es correcta.</p><p>Puede volver a la portada o usar el buscador para encontrar lo que quería.</p>"), Failure},
		{"not found in Polish", in("pl", "Nie znaleziono strony", "<p>Strona, której szukasz, nie istnieje albo została przeniesiona. Sprawdź adres w przeglądarce.</p><p>Możesz wrócić na stronę główną albo skorzystać z wyszukiwarki, aby znaleźć artykuł.</p>"), Failure},
		{"not found in Dutch", in("nl", "Pagina niet gevonden", "<p>De pagina die u zoekt bestaat niet of is verplaatst. Controleer het adres in uw browser.</p><p>U kunt terug naar de voorpagina of zoeken naar wat u wilde lezen.</p>"), Failure},
		{"not found in Swedish", in("sv", "Sidan kunde inte hittas", "<p>Sidan du söker finns inte eller har flyttats. Kontrollera adressen i webbläsaren.</p><p>Du kan gå till startsidan eller söka efter det du ville läsa.</p>"), Failure},
		{"not found in Russian", in("ru", "Страница не найдена", "<p>Страница, которую вы ищете, не существует или была перемещена. Проверьте адрес в браузере.</p><p>Вы можете вернуться на главную страницу или воспользоваться поиском.</p>"), Failure},
		{"not found in Japanese", in("ja", "お探しのページは見つかりませんでした", "<p>お探しのページは削除されたか、アドレスが変更された可能性があります。</p><p>トップページに戻るか、検索をご利用ください。</p>"), Failure},
		{"not found in Turkish", in("tr", "Sayfa bulunamadı", "<p>Aradığınız sayfa yok ya da taşınmış olabilir. Lütfen tarayıcınızdaki adresi kontrol edin.</p><p>Ana sayfaya dönebilir ya da arama yapabilirsiniz.</p>"), Failure},
		{"not found in Arabic", in("ar", "الصفحة غير موجودة", "<p>الصفحة التي تبحث عنها غير موجودة أو تم نقلها إلى عنوان آخر. تحقق من العنوان في المتصفح.</p><p>يمكنك العودة إلى الصفحة الرئيسية أو استخدام البحث.</p>"), Failure},
		{"refused", in("en", "Access Denied", "<p>You don't have permission to access this page on this server.</p>"), Failure},
		{"a gate against robots in German", in("de", "Sind Sie ein Mensch?", "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind, indem Sie die Aufgabe lösen. Danach geht es weiter.</p>"), Failure},
		{"a gate against robots in French", in("fr", "Vérification", "<p>Veuillez confirmer que vous n’êtes pas un robot en résolvant cette épreuve. Vous pourrez ensuite continuer.</p>"), Failure},
		{"an article about pages that are not found", in("en", "A page that was not found in the town's book", english+"<p>Residents can take home any of 412 saws, drills and ladders for a week and pay nothing for it, and most of them bring one back that was never theirs.</p><p>For a hundred years a page of the town's book could not be found, and the archivist said that nobody had looked behind the oven.</p><p>Two retired joiners found it on Monday, when they took the old shelves from the wall.</p><p>It tells who had paid for the bakery, and how many loaves a day it owed to the poor.</p>"), Article},

		{"a shell in German", in("de", "Fell Post", "<div id=app></div><noscript>Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.</noscript>"), Script},
		{"a shell in French", in("fr", "Le Fell", "<div id=app></div><noscript>Veuillez activer JavaScript pour afficher cette page.</noscript>"), Script},
		{"a shell in Russian", in("ru", "Фелл", "<div id=app></div><noscript>Для просмотра страницы включите JavaScript.</noscript>"), Script},
		{"a shell in Japanese", in("ja", "フェル新聞", "<div id=app></div><noscript>このページを表示するにはJavaScriptを有効にしてください。</noscript>"), Script},
	} {
		p, err := Read([]byte(c.page), "text/html", "https://fell.example/news/tools", noon)
		if err != nil || p.Kind != c.want {
			t.Errorf("%s: Read gives %q, %v, want %q\n%s", c.name, p.Kind, err, c.want, p.Text)
		}
		if (p.Kind.Reason() == "") != (p.Kind == Article) {
			t.Errorf("%s: %q has the reason %q", c.name, p.Kind, p.Kind.Reason())
		}
	}
}
