package page

import (
	"regexp"
	"slices"
	"strings"

	"tidings/digest/text"
)

// shortLine is how many words a line may have that is judged by its words: what
// belongs to a page is short, and the news may speak of cookies and newsletters
// at length.
const shortLine = 40

// A wrapping is a kind of line that belongs to a page.
type wrapping struct {
	why  string // in words for an operator
	line *regexp.Regexp
}

// Lines that belong to a page around an article. They are tried on short lines,
// folded, without signs in front and behind: labels on lines that are no
// sentence, phrases on all.
var (
	labels = []wrapping{
		// comments
		{"comments", regexp.MustCompile(`^(\d+|no|one|zero|view|show|load|hide|see|read|all|more|leave|post|add|write|join|be the first to|read all|view all|\s)+ ?(a |the |an |your |\d+ )*(comments?|reply|replies|responses?|conversation|discussion)( \(?\d+\)?| yet| below| here| on this (story|article|post))*$`)},
		{"comments", regexp.MustCompile(`^(comments?|kommentare?|commentaires?|comentarios?|comentarios|commenti|reacties|комментари[ийея]+)( \(?\d+\)?| are closed.*| are off.*)?$`)},
		{"comments", regexp.MustCompile(`^(0|\d+|no|kein(e)?|aucun|sin|nessun) (comments?|kommentare?|commentaires?|comentarios?|commenti|reacties|комментари[ийевя]+)$`)},
		{"comments", regexp.MustCompile(`^(publicar un comentario|enregistrer un commentaire|kommentar (veroffentlichen|schreiben|hinterlassen)|posta un commento|postar um comentario|deixe um comentario|оставить комментарий|добавить комментарий|コメントを投稿|发表评论|發佈留言)`)},
		// places for advertising
		{"a place for advertising", regexp.MustCompile(`^(header|footer|sidebar|top|bottom|post|in-?article|responsive)? ?(ads?|advert|advertisement|advertising|anzeige|werbung|publicite|publicidad|publicidade|pubblicita|reklama?|реклама|広告|广告|廣告|광고|إعلان)( widget| space| here| area| loading| \d+x\d+)?( continue reading below)?$`)},
		{"a place for advertising", regexp.MustCompile(`^(advertisement\b.{0,30}|sponsored( content| by.*)?|promoted( content)?|story continues below.*|article continues (below|after).*|scroll (down )?to continue.*|continue reading.*|skip (to|past|advert).*)$`)},
		// sharing
		{"sharing", regexp.MustCompile(`^(share|teilen|partager|compartir|compartilhar|condividi|delen|поделиться|分享|シェア|공유)( (this|on|via|with|to|the|it|article|story|post|page|facebook|twitter|x|whatsapp|email|e-mail|link|your|friends|sur|auf|en|su|no|op|в).*)?$`)},
		{"sharing", regexp.MustCompile(`^((facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|e-?mail|mail|print|copy( link| url)?|link copied|instagram|youtube|tiktok|threads|bluesky|mastodon|tumblr|flipboard|messenger|line|sms|rss|pocket|viber|vk|weibo|wechat|save|share|tweet|like|pin|more|bookmark|comment|comments|and|or|by|via|on|print this( article| page| post)?|open|in|new|window|opens|click|to|\d+)[ ,|/•·&-]*)+$`)},
		// other articles
		{"leads to other articles", regexp.MustCompile(`^(read|see|lesen|lees|leia|lire|leer|lea|leggi|читайте|читать) (more|also|next|on|the full|full|sie (auch|mehr|dazu|hier)|ook|meer|tambem|mais|mas|anche|tutto|aussi|plus|la suite|tambien|также|далее|:)\b.*`)},
		{"leads to other articles", regexp.MustCompile(`^(also read|related( (articles?|stories|posts?|content|topics?|links?|news|coverage|reading|video))?|more (on|from|about|news|stories|in)\b.*|recommended( (for you|stories|reading|articles?))?|you (may|might) (also )?(like|enjoy|be interested)( in)?.*|don'?t miss.*|top stories|latest (news|stories|posts)|most (read|popular|viewed)|trending( now| stories)?|popular posts|editor'?s? (picks?|choice)|up next|next (article|post|story)|previous (article|post|story)|older posts?|newer posts?|home|back to top|weiterlesen|mehr zum thema.*|auch interessant.*|schon gelesen.*|lesen sie (auch|dazu|mehr).*|weitere (artikel|informationen|inhalte|themen|meldungen|nachrichten)|(lade|mehr|weitere) .{0,20}(inhalte|laden|anzeigen)|bild (anzeigen|vergroßern)|zobacz (tez|takze).*|czytaj (tez|takze|wiecej).*|przeczytaj (tez|takze).*|publikacja|release date|das konnte sie auch interessieren.*|a lire aussi.*|lire la suite.*|sur le meme sujet.*|te puede interesar.*|le[ea] tambien.*|noticias relacionadas|leia tambem.*|leggi anche.*|lees ook.*|las mer.*|lue myos.*|читайте также.*|по теме.*|相关阅读|相關新聞|延伸阅读|延伸閱讀|関連記事|あわせて読みたい|続きを読む|관련기사|اقرأ أيضا.*|المزيد)( ?[:»>…].*)?$`)},
		{"leads to other articles", regexp.MustCompile(`^(watch|listen|video|photos?|gallery|podcast|in pictures|live|wideo|audio)( ?:.*| (live|now|the video|this video|more|to this article).*)?$`)},
		// credits and captions
		{"a credit or caption", regexp.MustCompile(`\b(getty images|afp via|via reuters|ap photo|shutterstock|istock(photo)?|alamy|picture[- ]alliance|via getty|reuters/|epa-efe|adobe stock|via ap|imago images?|unsplash)\b.{0,40}$`)},
		{"a credit or caption", regexp.MustCompile(`^(image|picture|photo) \d+ (of|/) \d+$|^(enlarge|expand|zoom|close|open|hide caption|toggle caption|view (gallery|image|in browser|fullscreen).*|play|pause|mute|loading.*|\d+ ?/ ?\d+)$`)},
		{"a credit or caption", regexp.MustCompile(`©.{0,60}$|[,.:] ?(photos?|fotos?|bild|image|credit) ?:.{1,60}$`)},
		// dates, bylines, reading times, labels
		{"a date, byline or label", regexp.MustCompile(`^((published|updated|posted|last (updated|modified)|first published|modified|created|date|veroffentlicht|aktualisiert|stand|publie|mis a jour|publicado|actualizado|pubblicato|aggiornato|опубликовано|обновлено)( (on|at|am|le|el|il|a|:))?[ :,]*)+.{0,60}$`)},
		{"a date, byline or label", regexp.MustCompile(`^(\w+ ){0,3}\d+[ -](min(ute)?s?|minuten|minutos|мин)\.? ?(read|lesezeit|de lecture|de lectura|di lettura|чтения)?$|^(reading time|estimated reading time|lesezeit|temps de lecture|tiempo de lectura|read time).{0,30}$|^\d+ (seconds?|minutes?|hours?|days?|weeks?|months?|years?) ago$`)},
		{"a date, byline or label", regexp.MustCompile(`^(by|von|par|por|da|door|written by|posted by|author|reporting by|editing by|text|texte) ?:? ?[\p{L}. '-]{3,50}(,| and| und| et| y| \|| \d|$).{0,60}$`)},
		{"a date, byline or label", regexp.MustCompile(`^(tags?|topics?|categories|category|filed under|labels?|keywords?|schlagworte|themen|etiquetas|mots[- ]cles|темы|теги|标签|標籤|タグ)( ?:.*)?$`)},
		{"a date, byline or label", regexp.MustCompile(`^(tags?|topics|categories|labels|keywords|themen|schlagworte|etiquetas|mots cles|теги|темы)\b ?:`)},
	}
	phrases = []wrapping{
		// dates, bylines
		{"a date or byline", regexp.MustCompile(`^by [\p{L}. '’,&-]{3,80}? (on )?(mon|tues|wednes|thurs|fri|satur|sun)day,? .{0,50}\d{4}\b.{0,30}$`)},
		{"a date or byline", regexp.MustCompile(`^(reporting|writing|editing|additional reporting|compiled|edited) by [\p{L}. '’,;&-]{3,200}$`)},
		// the page's own doings
		{"the page's own doings", regexp.MustCompile(`^(der artikel|the article|the item|l'article) (wurde|was|a ete) (erfolgreich|successfully|ajoute)|als pdf (herunterladen|speichern)|(download|save) (this|as|the) .{0,30}\bpdf$|telecharger (le|en) .{0,20}pdf|\bimpressum\b.*\bdatenschutz|(must|need to|mussen sich|musst dich|devez) (be )?(logged in|log ?in|sign in|einloggen|anmelden|vous connecter)`)},
		// asking the reader
		{"asks the reader", regexp.MustCompile(`(in (the|our) comments?( (below|section))*|in (den|unseren) kommentaren|dans les commentaires|en (los|nuestros) comentarios|nei commenti)[^\p{L}]*$|(let us know|tell us|schreibt? (es )?uns|verrat(e|en sie|et)|dites-nous|cuentanos|diteci) .{0,80}(in (the|our) comments?|in den kommentaren|en commentaire|en los comentarios|nei commenti)`)},
		{"asks the reader", regexp.MustCompile(`^(do you want|want|would you like|mochten sie|mochtest du) to? ?.{0,80}(sign up|click|subscribe|register|join|hier klicken|anmelden) ?(here|now|today|below)?$`)},
		{"asks the reader", regexp.MustCompile(`^(war (der|dieser) artikel|was this (article|page|story)|cet article vous a|le resulto util|hat ihnen (der|dieser) artikel|mochten sie (den|diesen) artikel|teilen sie (den|diesen)|share this (article|story)|partagez cet article|comparte (este|esta)|udostepnij|did you (like|enjoy) (this|our))\b`)},
		// sharing
		{"sharing", regexp.MustCompile(`^(click|tap) (here )?to (share|email|print|comment|follow|subscribe)`)},
		// following, letters, apps
		{"offers letters, channels or apps", regexp.MustCompile(`^(follow|like|join|find|add) (us|our|me|@?\w+ on (facebook|twitter|x|instagram|telegram|whatsapp|google|youtube)).*`)},
		{"offers letters, channels or apps", regexp.MustCompile(`(sign up|subscribe|signing up|register) (to|for|now|here|today|below)?.*(newsletter|e-?mails?|inbox|alerts?|briefing|updates|channel|podcast|digest|notifications)`)},
		{"offers letters, channels or apps", regexp.MustCompile(`^(subscribe|sign up|sign in|log in|login|register|newsletter|join the newsletter|subscribe now|already a (subscriber|member).*|abonnieren|s'abonner|abonnez-vous.*|suscribete.*|iscriviti.*|подписаться.*|подписывайтесь.*)$`)},
		{"offers letters, channels or apps", regexp.MustCompile(`(our|the|unseren|notre|nuestro|nostra) (\w+ )?(newsletter|boletin).*(inbox|sign|subscri|abonn|inscri|suscri|iscri|weekly|daily)|(straight|delivered|right) (to|into) your (inbox|mailbox)|get the (latest|best) .*(inbox|newsletter)|(enter|provide) your e-?mail( address)?`)},
		{"offers letters, channels or apps", regexp.MustCompile(`^(download|get|install) (the|our) .{0,40}\bapps?\b|(download|get|install) (the|our) .{0,40}\bapps?( (for|on) (ios|iphone|android|apple|google).*)?$|to your (phone|smartphone|mobile) with .{0,40}\bapp$|^(join|follow|subscribe|get|unete|sigue|siguenos|rejoignez|suivez|folgt?|folgen sie|seguici|siga|подписывайтесь)\b.{0,60}\b(telegram|whatsapp)\b|(canal|channel|kanal|canale) (de|of|on|en|auf|su|bei) (telegram|whatsapp)\b.*\b(unete|link|enlace|join|lien|suscribete)`)},
		{"offers letters, channels or apps", regexp.MustCompile(`^subscribe (now )?to (our|the) .{0,40}(edition|magazine|paper|print)|jetzt (am|an jedem) .{0,20}kiosk|let our news meet your inbox`)},
		// cookies and terms
		{"cookies and terms", regexp.MustCompile(`(this (web)?site|we|our partners) (and our partners )?(uses?|use) cookies|accept (all )?cookies|cookie (policy|settings|preferences|consent)|manage (your )?(cookies|consent|privacy)|privacy policy.*(terms|cookies)|terms (of (use|service)|and conditions).*privacy|by (clicking|continuing|signing|submitting|subscribing|providing).*(agree|accept|consent|terms)`)},
		{"cookies and terms", regexp.MustCompile(`^(©|\(c\)|copyright)\b|all rights reserved|alle rechte vorbehalten|tous droits reserves|todos los derechos reservados|tutti i diritti riservati`)},
		{"cookies and terms", regexp.MustCompile(`(enable|activate|turn on) (java ?script|cookies)|(javascript|cookies) (is|are|must be|needs to be) (disabled|enabled)|your browser (does|is) not|ad ?blocker`)},
		// credits and captions
		{"a credit or caption", regexp.MustCompile(`^\(?(photos?|photograph|photography|image|images|picture|pic|credit|credits|video|graphic|illustration|cover|file photo|foto|fotos|fotografia|bild|bilder|credit photo|photo credit|image credit|image source|image caption|source image|imagen|immagine|фото|写真|图|圖|图片|사진)( ?(:|/|\||©)|\s(by|credit|courtesy|from|via|source|von|de|di)\b).*`)},
		// dates, bylines, reading times, labels
		{"a date, byline or label", regexp.MustCompile(`(was|were|is) (originally|first) (published|posted)|(originally|first) (appeared|published) (on|in|at)|the post .* (appeared|first)|erschien zuerst auf|republished (from|with|under)|this (story|article|post) (was|has been) (updated|corrected|amended)|have a (tip|story|news tip)|(e-?mail|contact|write to|reach) (us|the (author|reporter|writer)|him|her|them)? ?at\b.*(@|e-?mail|\[)|do you have (a|any) (question|tip|story|comment|information)|send (us )?(your )?(tips|feedback)`)},
		{"a date, byline or label", regexp.MustCompile(`(earn|receive) (a|an)? ?(small )?(affiliate )?commission|affiliate (links?|partner)|when you (buy|purchase) through`)},
		{"a date, byline or label", regexp.MustCompile(`^(follow|contact|email|reach|write to|find) .{0,50}(@\w+|\[at\]|on (twitter|x|facebook|instagram|linkedin|bluesky|threads|mastodon)).*$`)},
		{"a date, byline or label", regexp.MustCompile(`^(thank you for reading|thanks for reading|support (our|independent|local) (journalism|work|news).*|donate( now| today)?|become a (member|supporter|patron).*|buy me a coffee.*)`)},
	}
)

// sales are lines that offer the rest of an article for money.
var sales = regexp.MustCompile(`to (continue|keep) reading\b.{0,60}(subscri|member|sign in|log in|register|account|paid)|(continue reading|read (the )?(full|rest|whole|entire|more)|unlock|access|for (our )?(subscribers|members)|this (article|story|content|post|report) is) .{0,60}(subscri|member|sign in|log in|register|account|premium|paywall|paid)|(subscri|register|sign (in|up)|log in|become a member|join (us )?now|create (an|a free) account).{0,60} (to (continue|keep|read|unlock|access|view)|for (full|unlimited) access)|already (have an account|a subscriber|a member)|you have (reached|used|read) .{0,40}(free|limit|articles)|(remaining|left) (free )?articles? this month|weiterlesen mit|jetzt (weiterlesen|abonnieren|freischalten)|artikel ist (nur )?fur abonnenten|mit .{0,20}(abo|plus) (lesen|weiterlesen)|reserve(e|s|es)? aux abonnes|article est reserve|contenido (exclusivo )?para suscriptores|riservato agli abbonati|只限订阅|会員限定|この記事は会員|материал доступен (только )?подписчикам` +
	`|(abonnez-vous|abonnement) .{0,30}(lire|suite|acceder)|(suite|article|contenu) .{0,20}reservee?s? aux abonnes|il vous reste \d+ ?%|suscrib(ete|ase|irse) .{0,30}(seguir|continuar) leyendo|(seguir|continuar) leyendo\b.{0,30}suscri|(contenido|articulo) .{0,20}(para|de) suscriptores|abbonati .{0,30}(continuare|leggere)|(contenuto|articolo) .{0,20}per (gli )?abbonati` +
	`|(conteudo|materia|artigo|texto) .{0,30}(para|de) assinantes|assine .{0,30}(continuar|ler)|(alleen|exclusief) (toegankelijk )?voor abonnees|tylko dla (prenumeratorow|subskrybentow)|(artykul|tekst|tresc) dla (prenumeratorow|subskrybentow)|pozostalo \d+ ?%|for prenumeranter|(kun|bare) for abonnenter|vain tilaajille` +
	`|(доступ\S*|только|полн\S*) .{0,40}(по подписке|подписчикам|для подписчиков)|有料会員|残り\d+文字|(订阅|訂閱|登录|登錄|付费|付費|会员|會員).{0,8}(阅读|閱讀|全文)|구독.{0,10}(전체|계속|기사)|للمشتركين فقط`)

// saleWords are such that every line which sales matches has one of them: looking
// for them costs a tenth.
var saleWords = strings.Fields(`subscri member register account premium paywall paid already weiterlesen jetzt abonnenten reserve suscriptores abbonati 订阅 会員 подписчик подписке
	abonnez abonnement abonnes reste suscri leyendo assin abonnees prenumer subskryb pozostalo abonnenter tilaajille 残り 訂閱 登录 登錄 付费 付費 会员 會員 구독 للمشتركين`)

// offers tells whether a folded line offers the rest of an article for money.
func offers(folded string) bool {
	if !containsAny(folded, saleWords) && !containsAny(folded, saleParts) {
		return false
	}
	return sales.MatchString(folded)
}

// saleParts are saleWords with a space within.
var saleParts = []string{"sign in", "sign up", "log in", "join ", "you have", "this month", " lesen"}

// signs stand around a line and say nothing.
const signs = " \t\n-–—•·*|>»«<\"“”'()[]:…→←↑↓▶►▼✕×+#.!"

// unwrap drops from paragraphs what belongs to the page: the headline said
// again, lines of wrappings, what is said twice. Sold says that a line offers
// the rest for money.
func unwrap(paragraphs []string, f facts) (kept []string, dropped []Dropped, sold bool) {
	seen := map[string]bool{}
	repeated := longRepeats(paragraphs)
	for i, p := range paragraphs {
		p = strings.TrimSpace(p)
		folded := text.Fold(strings.ReplaceAll(p, "\n", " ")) // what is visible has no other white space
		words := max(text.CountWords(p), len(p)/100) // a word of a thousand letters is no short line
		why := ""
		switch {
		case strings.Trim(p, signs) == "":
			continue
		case words <= 2*shortLine && offers(folded):
			if words <= shortLine {
				sold, why = true, "offers the rest for money"
			}
		case words <= shortLine && wrapped(folded) != "":
			why = wrapped(folded)
		case i < nearHead && words <= longestDate && isDate(p):
			why = "the date"
		case saysTitle(p, f, i):
			why = "the headline, author or outlet again"
		case words <= shortLine && f.author != "" && aboutAuthor(folded, text.Fold(f.author)),
			i >= len(paragraphs)-nearFoot && words <= longestAbout && f.author != "" && introduces(folded, text.Fold(f.author)):
			why = "about the author"
		case seen[folded] && words > 3 && (words <= mostRepeated && !asks(folded) || repeated > fewRepeats):
			why = "said before"
		}
		if why != "" {
			dropped = append(dropped, Dropped{p, why})
			continue
		}
		seen[folded] = true
		kept = append(kept, p)
	}
	whole := withoutEnds(kept)
	for _, p := range kept[len(whole):] {
		dropped = append(dropped, Dropped{p, "a label behind the last sentence"})
	}
	return whole, dropped, sold
}

// mostRepeated are the words of a line that is the page's when it stands there
// twice. Questions are asked again, of the next one who answers.
const mostRepeated = 24

func asks(folded string) bool {
	line := strings.TrimRight(folded, signs)
	return strings.ContainsAny(folded[len(line):], "?:？：؟") || strings.HasSuffix(line, "?")
}

// fewRepeats of long paragraphs are the writer's; more mean that the page holds
// the text twice.
const fewRepeats = 6

// longRepeats counts the long paragraphs that were there before.
func longRepeats(paragraphs []string) (n int) {
	seen := map[string]bool{}
	for _, p := range paragraphs {
		if len(p) > 6*shortLine && seen[p] {
			n++
		}
		seen[p] = true
	}
	return n
}

// wrapped tells why a folded line belongs to the page; "" when it does not.
func wrapped(folded string) string {
	line := strings.Trim(folded, signs)
	if line == "" {
		return "signs only"
	}
	matches := func(w wrapping) bool { return w.line.MatchString(line) }
	if i := slices.IndexFunc(phrases, matches); i >= 0 {
		return phrases[i].why
	}
	if endsWhole(folded) && len(strings.Fields(line)) >= 5 {
		return "" // a sentence
	}
	if i := slices.IndexFunc(labels, matches); i >= 0 {
		return labels[i].why
	}
	return ""
}

// saysTitle tells whether a paragraph is the headline, or near the beginning
// the outlet or the author.
func saysTitle(p string, f facts, place int) bool {
	says := func(s string) bool { // neither of two lines of the same words is twice as long
		return len(p) <= 2*len(s)+8 && len(s) <= 2*len(p)+8 && sameWords(p, s)
	}
	if says(f.title) || says(f.ownTitle) {
		return true
	}
	return place < nearHead && (says(f.author) || says(f.site) || says(f.author+" "+f.site))
}

// Where a page tells of itself: in the first paragraphs, and in the last.
const (
	nearHead     = 6
	nearFoot     = 5
	longestDate  = 8   // words of a line that is a date
	longestAbout = 120 // words about an author behind the text
)

// isDate tells a line that is a date and no sentence.
func isDate(p string) bool {
	t, _ := text.FindDate(p, text.DayFirst)
	return !t.IsZero() && !endsWhole(p)
}

// introduces tells a paragraph that says who the author is, by the whole name or
// the first one: "Ann is a writer who lives in Fell."
func introduces(folded, author string) bool {
	line := strings.Trim(folded, signs)
	if rest, ok := strings.CutPrefix(line, author); ok && presents.MatchString(rest) {
		return true
	}
	given, _, _ := strings.Cut(author, " ")
	rest, ok := strings.CutPrefix(line, given)
	return ok && len(given) > 2 && presentsGiven.MatchString(rest)
}

// presents is what stands behind the name of somebody who is introduced,
// presentsGiven behind a first name, which others in the news may have.
var (
	presents      = regexp.MustCompile(`^('s|’s)? (is|was|has been|ist|est|es|jest|works?|writes?|covers?|lives?|joined|arbeitet|schreibt|lebt|ecrit|vit|escribe|scrive|book)\b`)
	presentsGiven = regexp.MustCompile(`^ (is (a|an|the|our)|covers|writes|lives (in|with)|works (as|for)|ist (ein|eine|der|die|unser|unsere)|schreibt (uber|fur)|est (un|une)|es (un|una)) `)
)

// aboutAuthor tells whether a line presents the author.
func aboutAuthor(folded, author string) bool {
	if !strings.HasPrefix(strings.Trim(folded, signs), author) {
		return false
	}
	rest := folded[strings.Index(folded, author)+len(author):]
	for _, is := range []string{" is a", " is an", " is the", " covers", " writes", " reports", " has been a", " joined", " ist ", " est ", " es ", " @"} {
		if strings.HasPrefix(rest, is) {
			return true
		}
	}
	return strings.Trim(rest, signs) == ""
}

// withoutEnds drops labels at the end: short lines behind the last sentence,
// which belong to what came next on the page. A text without a sentence has no
// such end.
func withoutEnds(list []string) []string {
	if !slices.ContainsFunc(list, endsSentence) {
		return list
	}
	end := len(list)
	for end > 1 && len(list)-end < 6 {
		last := list[end-1]
		if text.CountWords(last) > 8 || strings.ContainsAny(last[len(last)-1:], ".!?\"') ") || hasSentenceEnd(last) {
			break
		}
		end--
	}
	return list[:end]
}

func hasSentenceEnd(s string) bool {
	return strings.ContainsAny(s, "。！？।؟”’»")
}
