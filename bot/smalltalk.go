package bot

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"tidings/bot/telegram"
)

// What people say to a bot as to anybody. It is no topic, unless it stands in quotes or
// behind a command.

// smallTalk are whole messages, by what they are. Phrases are written with _.
var smallTalk = map[string]string{
	"hello": `hi hello hey hiya howdy yo hi_there hello_there hey_there good_morning good_afternoon good_evening good_day greetings how_are_you hello_how_are_you hi_how_are_you what's_up
		hallo hallöchen servus moin moin_moin grüß_gott grüezi guten_morgen guten_tag guten_abend tach wie_geht's wie_geht_es_dir hallo_wie_geht's
		hola buenas buenos_días buen_día buenas_tardes buenas_noches qué_tal hola_qué_tal cómo_estás qué_onda hola_cómo_estás
		bonjour salut bonsoir coucou ça_va comment_ça_va comment_vas-tu salut_ça_va bonjour_ça_va
		olá oi oie bom_dia boa_tarde boa_noite tudo_bem oi_tudo_bem olá_tudo_bem como_vai e_aí
		привет здравствуй здравствуйте хай салют добрый_день доброе_утро добрый_вечер приветик как_дела привет_как_дела доброго_времени_суток
		ciao buongiorno buonasera`,
	"thanks": `thanks thank_you thx ty many_thanks thanks_a_lot thank_you_very_much thank_you_so_much thanks_so_much cheers great_thanks ok_thanks okay_thanks perfect_thanks awesome good_bot well_done ok okay
		danke danke_schön dankeschön vielen_dank danke_dir besten_dank super_danke ok_danke danke_sehr
		gracias muchas_gracias mil_gracias gracias_bot ok_gracias genial perfecto
		merci merci_beaucoup merci_bien ok_merci parfait d'accord
		obrigado obrigada muito_obrigado muito_obrigada valeu ok_obrigado brigado
		спасибо большое_спасибо спасибо_большое благодарю спс ок_спасибо хорошо ок отлично grazie`,
	"bye": `bye goodbye bye_bye good_bye see_you see_ya good_night cya
		tschüss tschüß tschau auf_wiedersehen bis_bald bis_später gute_nacht ciao_ciao
		adiós chao chau hasta_luego hasta_mañana
		au_revoir à_bientôt bonne_nuit à_plus adieu
		tchau até_logo até_mais até_amanhã adeus
		пока до_свидания до_встречи спокойной_ночи всего_доброго`,
	"stop": `stop stop_it stop_this unsubscribe unsubscribe_me unsubscribe_all unsubscribe_from_everything unsubscribe_from_all i_want_to_unsubscribe i_want_to_unsubscribe_from_everything cancel quit leave_me_alone delete_me delete_my_data delete_my_account
		stopp abmelden abbestellen alles_abbestellen ich_will_mich_abmelden daten_löschen meine_daten_löschen lösch_meine_daten
		parar para basta cancelar darme_de_baja darse_de_baja borrar_mis_datos borra_mis_datos cancelar_todo
		arrêter arrête arrêtez désabonner me_désabonner désabonnement se_désabonner supprimer_mes_données supprime_mes_données
		pare cancelar_inscrição apagar_meus_dados apague_meus_dados
		стоп хватит отписаться отпишись отписка отмена удали_мои_данные удалить_мои_данные`,
	"help": `help help_me i_need_help what_can_you_do what_do_you_do who_are_you what_are_you how_does_this_work how_does_it_work how_do_you_work how_to_use commands menu what_is_this instructions
		hilfe was_kannst_du was_machst_du wer_bist_du wie_funktioniert_das wie_geht_das befehle menü anleitung
		ayuda ayúdame qué_puedes_hacer qué_haces quién_eres cómo_funciona cómo_funciona_esto comandos menú
		aide aide-moi que_peux-tu_faire que_sais-tu_faire qui_es-tu comment_ça_marche à_l'aide
		ajuda me_ajuda o_que_você_faz o_que_você_pode_fazer quem_é_você como_funciona
		помощь помоги помогите что_ты_умеешь что_ты_можешь кто_ты как_это_работает как_пользоваться команды меню`,
}

// talk finds what a message is by its words.
var talk = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	for kind, phrases := range smallTalk {
		for phrase := range strings.FieldsSeq(phrases) {
			found[fold(strings.ReplaceAll(phrase, "_", " "))] = kind
		}
	}
	return found
})

// longestTalk is how many bytes small talk has at most.
const longestTalk = 100

// smallTalkIn tells what kind of small talk a message is, "" for none. Whoever quotes a word
// means the word.
func smallTalkIn(text string) string {
	if len(text) > longestTalk || strings.ContainsAny(text, `"“”„«»`) {
		return ""
	}
	said := fold(text)
	for _, bot := range []string{" bot", " бот", " tidings"} { // and how it is called: dear bot
		if before, ok := strings.CutSuffix(said, bot); ok {
			said = before
			for _, dear := range dears {
				said = strings.TrimSuffix(said, dear)
			}
		}
	}
	return talk()[said]
}

// dears are what people call a bot, folded.
var dears = []string{" dear", " my", " lieber", " liebe", " cher", " querido", " caro", " дорогои", " мои"}

// please are words behind what is asked for; the last of them first is looked for.
var please = []string{"please", "pls", "plz", "bitte", "por favor", "s'il vous plait", "s'il te plait", "svp", "stp", "пожалуйста", "плиз", "per favore"}

// pleaseIn are those that are letters of something else in other languages than this one: SVP
// is a party.
var pleaseIn = map[string]string{"svp": "fr", "stp": "fr"}

// pauses divide a greeting and thanks from what is asked for; a point inside of hola.com does
// not.
var pauses = regexp.MustCompile(`[,!\n]|\.(?:\s|$)`)

// withoutManners is a message, in a language, without the greeting that it begins with, up to a
// mark, and without the please or thanks that it ends with.
func withoutManners(text, lang string) string {
	if smallTalkIn(text) != "" { // good morning, dear bot
		return text
	}
	if at := pauses.FindStringIndex(text); at != nil && smallTalkIn(text[:at[0]]) == "hello" {
		if rest := strings.TrimLeft(text[at[0]:], ",!. \n👋😊🙂"); rest != "" {
			text = rest
		}
	}
	const ends = "!. \n🙏😊🙂"
	if all := pauses.FindAllStringIndex(strings.TrimRight(text, ends), -1); len(all) > 0 {
		if at := all[len(all)-1]; at[0] > 0 && smallTalkIn(text[at[1]:]) == "thanks" {
			text = strings.TrimRight(text[:at[1]], ",! \n")
		}
	}
	fields := strings.Fields(strings.TrimRight(text, ends))
	for _, phrase := range please {
		n := len(fields) - len(strings.Fields(phrase))
		if n <= 0 {
			continue
		}
		said := strings.ReplaceAll(strings.Join(fields[n:], " "), "’", "'")
		if only := pleaseIn[phrase]; only != "" && (only != lang || said != phrase) {
			continue
		}
		if bare(said) == bare(phrase) {
			return strings.TrimRight(strings.Join(fields[:n], " "), " ,")
		}
	}
	return text
}

// chat answers small talk, and says what can be done here.
func (b *Bot) chat(ctx context.Context, r *request) (answer, error) {
	kind := smallTalkIn(r.args)
	if kind == "help" {
		return b.help(ctx, r)
	}
	var keys [][]telegram.Button
	if kind == "hello" {
		subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
		if err != nil {
			return answer{}, err
		}
		if len(subs) == 0 {
			keys = r.suggest("follow:1:")
		}
	}
	sentence := map[string]string{"hello": "talk_hello", "thanks": "talk_thanks", "bye": "talk_bye", "stop": "talk_stop"}[kind]
	return answer{text: r.say.Say(sentence, nil), keyboard: keys}, nil
}
