package text

import "strings"

// A usage is what one language writes around full stops. All words are in lower case
// and without their last full stop, but those of begins.
type usage struct {
	titles  map[string]bool // a name or a word follows: they never end a sentence
	numbers map[string]bool // belong to a number that follows: p. 5, Jan. 5
	shorts  map[string]bool // end a sentence only when a word of begins follows
	begins  map[string]bool // capitalised, they begin a sentence and no name
	dates   bool            // a full stop makes a number an ordinal: 3. Oktober
	nouns   bool            // and nouns have capitals, so that these prove nothing
	known   bool            // all this is of the language, not of most
}

// usageOf returns what is known of lang: of languages that are not here what is common
// to most.
func usageOf(lang string) *usage {
	if u, ok := usages[lang]; ok {
		return u
	}
	if lang == "" || lang == "und" {
		return usages["en"]
	}
	return commonUsage
}

// everywhere are abbreviations of languages in Latin script.
const (
	titlesEverywhere  = `mr mrs ms dr prof fr dipl ing med phil vs cf`
	numbersEverywhere = `no nr n° n.º nº № p pp vol fig art tel cap jan feb mar apr jun jul aug sep sept oct okt nov dec dez`
	shortsEverywhere  = `inc corp ltd co llc plc bros jr sr etc al gmbh s.a s.p.a u.s u.s.a u.k u.n e.u u.e a.m p.m ph.d mio mln mld`
)

var commonUsage = func() *usage { u := newUsage("", "", "", ""); u.known = false; return u }()

func newUsage(titles, numbers, shorts, begins string) *usage {
	return &usage{
		titles:  set(titlesEverywhere + " " + titles),
		numbers: set(numbersEverywhere + " " + numbers),
		shorts:  set(shortsEverywhere + " " + shorts),
		begins:  set(begins),
		known:   true,
	}
}

func (u *usage) withDates() *usage { u.dates = true; return u }
func (u *usage) withNouns() *usage { u.nouns = true; return u }

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// usages by language. Cyrillic languages share much, so do the Scandinavian ones.
var usages = map[string]*usage{
	"en": newUsage(`mx gen sen rep gov lt col sgt capt cmdr adm maj brig cpl pvt rev hon pres supt insp det messrs mme mlle ste msgr amb atty viz e.g i.e ca`,
		`nos figs sec para ch apt ext eq ver`,
		`st mt ft esq est calif conn ariz colo minn wis mich tenn okla ala fla neb nev tex mont dept univ assn bldg ave blvd rd ln hwy approx appt pty cos mfg intl natl d.c a.d b.c b.a m.a m.d r.n`,
		`The A An It He She They We You I This That These Those There Here In On At By For From With Without After Before But And Or So Yet If When While
		As Although Though However Meanwhile Instead Its His Her Their Our My Your What Who Where Why How Which Is Are Was Were Do Does Did Has Have Had Can Could Will Would Should
		Some Many Most All Both Each Every No Not Nor One Two Three Another Other Others Several Few More Millions Thousands Hundreds Dozens Nearly About Around
		Since Until Under Over Now Then Today Yesterday Last Next Earlier Later Also Still Because Despite During Among Being Please Let Once Only Even Just
		Police Officials Authorities Investigators Prosecutors Analysts Experts Critics Residents Witnesses Researchers Scientists Travelers Travellers Shares Nobody Everybody Everyone Nothing`),
	"de": newUsage(`hr hrn fr frl jr jun sen vgl bzw fa z.b d.h u.a u.ä o.ä u.u i.d.r i.a i.v m.e s.o s.u z.t z.z z.zt v.a a.d ca bspw beispielsw evtl ggf inkl exkl sog zzgl abzgl
		geb gest verh gesch ev kath röm jüd dt engl frz lat griech ital span russ allg bes insb insbes mind max min durchschn ehem ges bay
		mag dres priv-doz pd dipl-ing rer nat jur hc h.c min.-dir oberstlt hptm gen verf hrsg hg bearb übers red vorm nachm ebd gez`,
		`nrn s ss str bd bde kap abs abb tab ziff az aufl jg jh lfd anm rn rdnr plz mär mrz febr januar`,
		`mrd tsd usw usf uvm etc pp u.v.m u.a.m dgl str pl st jh jhd n.chr v.chr co kg ag eur std sek min stk`,
		`Der Die Das Ein Eine Einer Eines Er Sie Es Wir Ihr Ich Du Man In Im Am An Auf Aus Bei Beim Mit Nach Von Vom Vor Zu Zum Zur Für Durch Gegen Ohne Seit Über Unter Um Während Wegen
		Aber Und Oder Doch Denn Jedoch Allerdings Dort Dann Danach Dabei Damit Dazu Dagegen Daher Deshalb Dennoch Da Dies Diese Dieser Dieses Diesen Wenn Weil Als Ob Obwohl Nachdem Bevor
		Was Wer Wie Wo Wann Warum Welche Sein Seine Ihre Ihren Unser Unsere Alle Viele Einige Mehrere Beide Keine Kein Nicht Nur Noch Nun Jetzt Heute Gestern Morgen Auch So Zudem Außerdem Zugleich Später Zuvor Bisher
		Laut Trotz Bis Hier Hinzu Ist Sind War Waren Hat Haben Wird Werden Kann Bitte Insgesamt Zuletzt`).withDates().withNouns(),
	"fr": newUsage(`m mm mme mmes mlle mlles me mgr pr drs cie c.-à-d p.ex ex env chap éd ill trad av apr boul bd ste sté gal adj cap col cdt lt vs`,
		`nos janv févr avr juil sept déc pp t pl ann réf tél`,
		`etc s.a.r.l sarl s.a av. n.b j.-c ap kg`,
		`Le La Les L Un Une Des Du De Il Elle Ils Elles On Nous Vous Je Tu Ce Cet Cette Ces Cela C Dans En Au Aux À Par Pour Avec Sans Sous Sur Selon Après Avant Depuis Pendant Mais Et Ou Or Donc Car
		Si Quand Lorsque Comme Alors Ainsi Aussi Son Sa Ses Leur Leurs Notre Nos Mon Ma Mes Qui Que Quoi Où Comment Pourquoi Plusieurs Certains Tous Toutes Deux Trois Hier Aujourd Puis Enfin D Ici Là Est Sont`),
	"es": newUsage(`sr sra sres sras srta srtas d dña dª don lic licda ing arq dra dras ud uds vd vds mons fray sto sta hno gral cnel tte cap p.ej ej cf excmo excma ilmo ilma rvdo prol aprox depto dpto admón atte dcha izq izda esq avda av c cía pza pl ctra prov`,
		`núm núms pág págs fig vol art arts cap ed ene feb mar abr may jun jul ago sept oct nov dic km tel telf ref s`,
		`ee.uu ee uu rr.hh ff.aa a.c d.c a.m p.m s.a s.l s.a.u etc cía c.v o.n.u o.m.s c.p`,
		`El La Los Las Lo Un Una Unos Unas Él Ella Ellos Ellas Yo Tú Usted Nosotros Se Su Sus Este Esta Estos Estas Ese Esa Eso Esto Aquel En De Del Al A Con Sin Por Para Según Sobre Tras Desde Hasta Durante Entre Ante
		Pero Y O Aunque Si Cuando Mientras Como Porque Qué Quién Cómo Dónde Cuándo Muchos Algunos Todos Otros Dos Tres También Además Así Ayer Hoy Ahora Después Antes No Ni Ya Es Son Fue Hay`),
	"it": newUsage(`sig sigg sig.ra sig.na sig.ri sigra signa dott dott.ssa dr.ssa prof.ssa ing avv arch geom rag on sen mons don cav comm gen col ten cap mar brig amm pres segr dir ill.mo egr spett gent geom p.es es cfr v p.zza v.le l.go c.so st d s ss ca cca circa ed ibid psicol idraul meteor econ`,
		`num pag pagg fig vol art artt cap tel nn gen febb apr magg giu lug ag ago sett ott nov dic lun mart merc giov ven sab dom km c`,
		`ecc s.r.l srl spa a.c d.c c.a u.e f.lli soc az`,
		`Il Lo La I Gli Le L Un Uno Una Lui Lei Egli Essi Loro Io Noi Voi Si Ci Questo Questa Questi Queste Quello Quella In Nel Nella Nei Di Del Della Da Dal Dalla A Al Alla Con Per Su Sul Tra Fra Secondo Dopo Prima Durante
		Ma E Ed O Se Quando Mentre Come Perché Chi Che Cosa Dove Suo Sua Suoi Anche Inoltre Così Poi Ieri Oggi Ora Non È Sono Era Tutti Molti Alcuni Altri Due Tre Grazie Arrivederci Buongiorno Mi Gli`),
	"pt": newUsage(`sr sra srta sres sras dr dra drs eng arq exmo exma ilmo d dom frei pe mons gen cel maj cap ten sgt v.exa p.ex ex av r pça prof profa profª adv cia depto lda aprox`,
		`núm pág págs fig vol art arts cap tel séc jan fev abr mai ago set out dez n`,
		`etc s.a ltda eua e.u.a a.c d.c`,
		`O A Os As Um Uma Uns Umas Ele Ela Eles Elas Eu Nós Você Vocês Se Seu Sua Seus Suas Este Esta Esse Essa Isso Isto Aquele Em No Na Nos Nas De Do Da Dos Das Ao À Com Sem Por Pelo Pela Para Segundo Sobre Após Desde Até Durante Entre
		Mas E Ou Embora Quando Enquanto Como Porque Que Quem Onde Muitos Alguns Todos Outros Dois Duas Também Além Assim Ontem Hoje Agora Depois Antes Não Já É São Foi Há`),
	"nl": newUsage(`dhr mw mevr mej drs ir ing mr prof em hr ds jhr jkvr bv bijv b.v d.w.z nl t.a.v m.b.t i.p.v t.o.v o.a m.a.w vgl zgn zg resp evt incl excl ca circa gebr aanw vnw lat eng du fr ned vert red ed sint wnd`,
		`nrs blz pag fig art hfst jrg mrt mei juli aug sept okt dec tel`,
		`enz e.d e.a etc n.v b.v v.chr n.chr jl str`,
		`De Het Een Hij Zij Ze Wij We Ik Jij Je Jullie U Dit Dat Deze Die In Op Aan Bij Met Na Van Voor Door Uit Over Onder Tot Tegen Sinds Tijdens Volgens Maar En Of Want Dus Als Toen Omdat Hoewel Terwijl Er Daar Hier
		Zijn Haar Hun Onze Wat Wie Waar Hoe Waarom Alle Veel Veel Sommige Twee Drie Ook Toch Nu Gisteren Vandaag Later Eerder Niet Geen Is`),
	"da": newUsage(`hr fr frk skt sct ca bl.a f.eks dvs ift mht vedr pga inkl ekskl adv afd ang div dir evt fhv hhv jf kst mag mfl mvh ndr o.l pt sek stk sml tlf tidl vh vha`,
		`nr s kap stk § tlf kr kl`,
		`osv mv m.m m.v m.fl o.s.v mio mia kr a/s aps pct`,
		`De Det Den Der En Et Han Hun Jeg Vi Du Man I På Af Med Til For Fra Efter Før Om Ved Under Over Siden Men Og Eller Så Hvis Når Da Mens Fordi Hvad Hvem Hvor Hvordan Hvorfor Hvornår Hans Hendes Deres Vores Min Din
		Alle Mange Nogle Flere Begge To Tre Også Derfor Her Nu I Ifølge Ingen Ikke Er Var Har Kan Lad Det`).withDates(),
	"sv": newUsage(`hr fr frk s.k t.ex bl.a d.v.s dvs ca jfr resp inkl exkl f.d fd m.a.o o.d pga p.g.a sid st kl ang avd enl ev tf`,
		`nr s sid kap § kl tel`, `osv o.s.v m.m m.fl etc kr mkr st`,
		`De Det Den Där En Ett Han Hon Jag Vi Ni Du Man I På Av Med Till För Från Efter Före Om Vid Under Över Sedan Men Och Eller Så När Då Medan Vad Vem Var Hur Varför Hans Hennes Deras Vår Alla Många Några Flera Två Tre Också Därför Här Nu Enligt Ingen Inte Är Har Kan`),
	"no": newUsage(`hr fr frk st bl.a f.eks dvs ca jf evt inkl ekskl mht pga ifm adv avd ang`,
		`nr s kap § kl tlf`, `osv m.m m.fl mv mill mrd kr a/s`,
		`De Det Den Der En Ei Et Han Hun Jeg Vi Du Man I På Av Med Til For Fra Etter Før Om Ved Under Over Siden Men Og Eller Så Hvis Når Da Mens Hva Hvem Hvor Hvordan Hvorfor Hans Hennes Deres Vår Alle Mange Noen Flere To Tre Også Derfor Her Nå Ifølge Ingen Ikke Er Var Har Kan`).withDates(),
	"fi": newUsage(`hra rva nti esim mm ts eli ns em ko ks vrt ym n`, `nro s s. klo puh §`, `jne ym yms ml mmk milj mrd oy eaa jaa eKr jKr`,
		`Se Hän He Me Te Minä Sinä Ne Tämä Nämä Tuo Ja Mutta Tai Kun Jos Koska Vaikka Myös Mitä Kuka Missä Miten Miksi Hänen Heidän Kaikki Monet Kaksi Kolme Nyt Eilen Tänään Ei On Oli`).withDates(),
	"pl": newUsage(`prof dr hab mgr inż lek ks bp abp kard o s św bł gen płk ppłk mjr kpt por ppor sierż kpr st mł red tzw tj tzn np m.in wg ang łac niem fr ros wł hiszp gr pol lit bałt słow im ul al pl os woj pow gm ok ob ur zm zob por ww dyr prez przew mec adw n.p.m dł szer wys`,
		`nr nry str s rys tab art ust pkt poz t tel godz rozdz par`,
		`itd itp etc tys mln mld zł gr n.e p.n.e s.a sp z.o.o proc jw cd`,
		`To Ten Ta Te Ci On Ona Ono Oni One Ja My Wy W We Z Ze Na Po Do Od O U Przy Przez Przed Pod Nad Za Dla Bez Według Jak Ale I A Lub Jednak Jeśli Gdy Kiedy Ponieważ Choć Co Kto Gdzie Dlaczego Jego Jej Ich Nasz Wszyscy Wielu Niektórzy Dwa Trzy Także Również Teraz Wczoraj Dziś Nie Jest Są Był`).withDates(),
	"cs": newUsage(`p pí sl ing mgr bc mudr judr rndr phdr paedr doc prof csc drsc plk gen kpt mjr por sv tzv tj tzn např např. resp popř event mj vč ul nám angl něm lat fr rus řec nar zem př cca`,
		`č čís str s odst čl písm sv r tab obr kap tel hod`,
		`atd atp apod aj s.r.o a.s v.o.s n.l př.n.l mil mld tis kč ph.d n.m`,
		`To Ten Ta Ti Ty On Ona Ono Oni Já My Vy V Ve Z Ze Na Po Do Od O U Při Pro Před Pod Nad Za Bez Podle Jak Ale A I Nebo Však Když Pokud Protože Co Kdo Kde Proč Jeho Její Jejich Všichni Mnoho Někteří Dva Tři Také Teď Včera Dnes Není Je Jsou Byl`).withDates(),
	"sk": newUsage(`p pí sl ing mgr bc mudr judr rndr phdr paedr doc prof csc drsc plk gen kpt mjr por sv tzv t.j t.č tzn napr resp príp event o.i t.z ul nám angl nem lat fr rus gréc nar zom vyd hl`,
		`č čís str s ods čl písm zv r tab obr kap tel hod`,
		`atď atp a.s s.r.o a.i n.l pr.n.l mil mld tis sk ph.d n.m`,
		`To Ten Tá Tí Tie On Ona Ono Oni Ja My Vy V Vo Z Zo Na Po Do Od O U Pri Pre Pred Pod Nad Za Bez Podľa Ako Ale A I Alebo Však Keď Ak Pretože Čo Kto Kde Prečo Jeho Jej Ich Všetci Mnohí Niektorí Dva Tri Tiež Teraz Včera Dnes Nie Je Sú Bol`).withDates(),
	"hu": newUsage(`id ifj özv dr prof kb pl ún ill vö ld sz gr br`, `sz old o tel bek`, `stb kft rt zrt nyrt ft mrd`,
		`A Az Egy Ez Ő Ők Mi De És Vagy Ha Amikor Mert Hogy Ki Hol Miért Minden Sok Két Is Most Tegnap Ma Nem Van Volt`).withDates(),
	"ro": newUsage(`dl dna dr prof ing av arh gen col sf d-l d-na d-ra ex str bd jud cca`, `nr pag art alin tel vol cap`, `etc s.a s.r.l a.m ș.a d.hr î.hr`,
		`Un O El Ea Ei Ele Eu Noi Voi Acest Această În Pe La De Din Cu Fără Pentru Prin După Despre Dar Și Sau Dacă Când Pentru Ce Cine Unde Cum Toți Mulți Doi Trei Azi Ieri Acum Nu Este Sunt A`),
	"tr": newUsage(`dr prof doç yrd av alb yzb tğm gen org kor tüm bnb müh mim öğr gör arş sn hz bkz örn krş çev haz ed yay mad ist ank`,
		`no s sf sy cad sok blv apt kat tel md`, `vb vs vd mah cad sok bul a.ş ltd şti t.c m.ö m.s yy`,
		`Bu Şu O Bir Ben Biz Siz Onlar Ama Ancak Ve Veya Fakat Çünkü Eğer Ne Kim Nerede Nasıl Neden Her Çok Bazı İki Üç Şimdi Bugün Dün Daha Sonra Da De Değil Var Yok`).withDates(),
	"el": newUsage(`κ κα κκ δρ καθ κος αγ στρ πρβλ π.χ δηλ βλ λ.χ αρ τ λεωφ οδ π.δ ν.δ χιλ`, `αρ αριθ σ σελ τηλ τ εικ κεφ άρθ παρ`,
		`κ.ά κ.λπ κλπ κ.τ.λ κτλ κ.ο.κ π.χ μ.χ π.μ μ.μ η.π.α ε.ε α.ε εκατ δισ εκ`,
		`Ο Η Το Οι Τα Τις Τους Των Ένας Μία Μια Ένα Αυτός Αυτή Αυτό Στο Στη Στην Στον Από Για Με Σε Και Αλλά Όμως Αν Όταν Ενώ Τι Ποιος Πού Πώς Γιατί Όλοι Δύο Τρία Επίσης Τώρα Χθες Σήμερα Δεν Είναι Ήταν Κατά Μετά Πριν`),
	"ru": newUsage(`гр г-н г-жа проф акад доц д-р канд тов ул просп пл пер пос пгт дер обл р-н респ св о митр архиеп еп ген полк подп кап ст лейт мл адм англ нем франц фр лат греч ит исп рус яп кит укр т.н т.е т.к т.о напр см ср букв род ум соч изд ред сост пер вступ ок прим м-р мистер зам нач гл инж`,
		`стр с рис табл гл п пп ст ч т тт № тел д кв корп оф к янв фев февр мар апр авг сент сен окт нояб дек`,
		`т.п т.д др пр им млн млрд трлн тыс руб коп долл дол евро у.е н.э до.н.э мин сек час км м см кг кв.м куб.м чел экз проц`,
		`Он Она Оно Они Мы Вы Я Ты Это Этот Эта Эти Тот Та Те Его Её Ее Их Наш В Во На С Со К Ко По О Об От До Из За У При Для Без Через После Перед Под Над Между Но А И Или Однако Если Когда Пока Хотя Потому Что Кто Где Как Почему Все Всё Многие Некоторые Два Три Также Теперь Сейчас Вчера Сегодня Не Нет Ранее Позже Затем Кроме По`),
	"uk": newUsage(`р рр м проф акад доц д-р канд тов ім вул просп пл пров смт обл р-н св о ген полк англ нім франц фр лат грец іт ісп рос укр т.зв т.з напр див пор ред вид заст нач гол п пп`,
		`стор с рис табл гл ст ч т тт № тел буд кв корп січ лют бер квіт трав черв лип серп верес жовт листоп груд`,
		`т.п т.д ін млн млрд тис грн коп дол н.е ст год хв сек км`,
		`Він Вона Воно Вони Ми Ви Я Ти Це Цей Ця Ці Той Та Ті Його Її Їх Наш В У На З Зі Із До По Про Від За При Для Без Через Після Перед Під Над Між Але А І Й Або Однак Якщо Коли Поки Хоча Що Хто Де Як Чому Усі Всі Багато Деякі Два Три Також Тепер Зараз Вчора Сьогодні Не Ні Раніше Пізніше Крім`),
	"bg": newUsage(`проф акад доц д-р инж арх г-н г-жа св им ул бул пл гр с обл общ ген полк кап лейт англ нем фр лат гр рус т.нар т.е напр вж срв бел ред изд о.з к.м кв ж.к`,
		`стр с фиг табл чл ал т бр № тел вх ет ап ч`, `т.н и.др др млн млрд хил лв н.е пр.н.е мин км м.г т.г`,
		`Той Тя То Те Ние Вие Аз Ти Това Този Тази Тези Неговият В Във На С Със К По О От До Из За При Без През След Пред Под Над Между Но А И Или Обаче Ако Когато Докато Че Кой Коя Къде Как Защо Всички Много Някои Два Две Три Също Сега Вчера Днес Не`),
	"kk": newUsage(`проф акад доц д-р ауд обл қ с ұлы т.ғ.к англ орыс нем лат араб грек фр парс б.з.б б.з.д б.з қар мыс`, `б бб сур кесте № тел`, `т.б т.с.с млн млрд мың тг км м см кг`,
		`Ол Олар Біз Сіз Мен Сен Бұл Осы Сол Бірақ Және Немесе Егер Қашан Не Кім Қайда Қалай Барлық Көп Екі Үш Қазір Кеше Бүгін Жоқ Бар`),
	"ar": newUsage(`د أ أ.د ا.د م أ.م ا ا.م السيد`, `ص رقم ج هـ`, `إلخ الخ ا.ش.ا ص.ب ق.م م هـ ج.م.ع كلم كم سم`, ""),
	"fa": newUsage(`د دکتر`, `ص ش`, `ه.ش ه.ق ق.م م`, ""),
	"ur": newUsage(`ڈاکٹر`, `ص نمبر`, `ق.م ء`, ""),
	"hi": newUsage(`डॉ डा प्रो श्री पं सु कु एम.एस`, `सं नं पृ क्र रु`, `ई.पू ई रु कि.मी`, ""),
	"vi": newUsage(`ts pgs gs ths bs ks tp tx q p đ cn ncs nsnd nsưt lm`, `tr đt`, `v.v vnd`,
		`Ông Bà Anh Chị Em Họ Tôi Chúng Đây Đó Này Theo Tại Trong Trên Sau Trước Khi Nếu Nhưng Và Tuy Vì Do Để Với Từ Các Những Một Hai Ba Hiện Hôm Ngày Không Có`),
	"id": newUsage(`jl jln gg h hj drs dra ir tn ny sdr sdri bpk kh pt cv ud rm kec kab kel prov brigjen mayjen letjen kombes akbp kompol`, `hlm hal rp telp tlp pkl pkl ps`,
		`tbk dll dsb dst s.h s.e m.si s.pd m.pd m.h a.n u.p`,
		`Ia Dia Mereka Kami Kita Ini Itu Di Pada Dari Untuk Dengan Namun Tetapi Saat Setelah Sebelum Sementara Menurut Selain Karena Jika Ketika Para Dan Akan Tidak Harga Polisi Pemerintah Hal`),
	"ca": newUsage(`sr sra srs dra drs avda av pl pg c ctra st sta gral`, `núm pàg pàgs`, `s.a s.l ee.uu ee uu a.c d.c`,
		`El La Els Les L Un Una Uns Unes Ell Ella Ells A En De Del Amb Per Però I O Si Quan Mentre Com Què Qui On Segons Després Abans També Avui Ahir Ara No Ja És Són Va`),
	"hr": newUsage(croatianTitles, croatianNumbers, croatianShorts, croatianBegins).withDates(),
	"sr": newUsage(croatianTitles+` др мр проф инж дипл г г-ђа св ул трг нпр тзв тј акад доц ген пук`, croatianNumbers+` бр стр чл тел`, croatianShorts+` итд д.о.о а.д мил млрд дин год`,
		croatianBegins+` Он Она Оно Они Ми Ви Ја Ти То Тај Та Те У На С Са Из За По Од До О Код Према При После Пре Али И А Или Но Ако Када Кад Док Јер Шта Ко Где Како Зашто Сви Многи Неки Два Три Такође Сада Јуче Данас Није Је Су Био Била Рођен Рођена`).withDates(),
	"sl": newUsage(`mag g ga gdč sv ul npr tj t.i oz doc akad inž`, `št str čl`, `itd ipd d.o.o d.d tis mrd`,
		`On Ona Ono Oni Mi Vi Jaz Ti To Ta Te V Na S Z Iz Za Po Od Do O Pri Pred Pod Nad Med Ampak A In Ali Če Ko Ker Kaj Kdo Kje Kako Zakaj Vsi Dva Tri Tudi Zdaj Včeraj Danes Ni Je So Bil Rojen Rojena`).withDates(),
	"lt": newUsage(`doc g gerb pvz t.y vad red akad pav pr al`, `psl str`, `ir.kt ir.pan m mėn d val tūkst mlrd eur`,
		`Jis Ji Jie Jos Mes Jūs Aš Tai Tas Ta Šis Ši Bet O Ir Ar Jei Kai Nes Kas Kur Kaip Kodėl Taip Dabar Vakar Šiandien Ne Yra Buvo Po Prieš Per Pagal Su Be Iš`),
	"lv": newUsage(`doc akad kgs g-n piem t.i red`, `lpp`, `utt u.c u.tml tūkst milj gs`,
		`Viņš Viņa Viņi Mēs Jūs Es Tas Tā Šis Šī Bet Un Vai Ja Kad Jo Kas Kur Kā Kāpēc Visi Divi Trīs Arī Tagad Vakar Šodien Nav Ir Bija Pēc Pirms No Ar Uz`).withDates(),
	"et": newUsage(`hr pr lp nn s.t st sh`, `lk tn`, `jne jms jt tuh`,
		`Ta See Tema Nad Nemad Me Te Ma Aga Ja Või Kui Kuid Sest Mis Kes Kus Kuidas Miks Kõik Kaks Kolm Ka Nüüd Eile Täna Ei On Oli Pärast Enne`).withDates(),
	"mr": newUsage(`डॉ प्रा श्री सौ`, `क्र रु पृ`, `इ.स`, ""),
	"ne": newUsage(`डा प्रा श्री`, `नं रु पृ`, `ई.पू`, ""),
	"bn": newUsage(`ড ডা মো অধ্যা`, `নং পৃ`, `খ্রি`, ""),
}

// Croatian, and Serbian in Latin script, write the same.
const (
	croatianTitles  = `mr ing dipl gosp gđa gđica g gđ sv ul trg npr tzv odn tj akad doc mons gen puk`
	croatianNumbers = `br str čl`
	croatianShorts  = `itd d.o.o d.d a.d tis mil mlrd kn din god`
	croatianBegins  = `On Ona Ono Oni Mi Vi Ja Ti To Taj Ta Te U Na S Sa Iz Za Po Od Do O Kod Prema Pri Nakon Posle Prije Pre Ali I A Ili No Ako Kada Kad Dok Jer Što Šta Tko Ko Gdje Gde Kako Zašto Svi Mnogi Neki Dva Tri Također Takođe Sada Jučer Juče Danas Nije Je Su Bio Bila Rođen Rođena`
)

// times end a sentence behind a number, unless the time only begins it: He left at 5 p.m.
// The door…, At 5 p.m. Lee left; В 1854 г. Лев…
var times = set(`a.m p.m г гг р рр в вв ст ж жж ғ ғғ ч w r`)

// shouts are names with a mark of their own at the end, in lower case.
var shouts = set(`yahoo yum joomla jeopardy oklahoma hoopla`)

// zones, days and months follow a time of day in its own sentence.
var afterTimes = set(`EST EDT ET CST CDT CT MST MDT MT PST PDT PT GMT UTC BST CET CEST EET EEST IST JST KST HKT SGT AEST AEDT AST HST
	Eastern Central Pacific Mountain Greenwich London Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun
	January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec`)

// prepositions in front of a time that begins a sentence.
var prepositions = set(`at by around about before after since until till from on in between shortly just am gegen um nach vor à vers a las alle alle om rond på kl klokken ved em no na o w we v ve od do в во на к с по у до през от з у`)

// topLevel are endings of host names that might be taken for the beginning of a sentence.
var topLevel = set(`com org net edu gov mil int info biz io co ai app dev tv me html htm php js exe pdf jpg png`)
