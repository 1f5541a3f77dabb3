package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
)

// metrics are what /metrics tells: counts of what this process did, and levels
// of the shelf, which are the same on every replica. docs/operating.md explains
// each. No label ever holds a chat, an address or the text of an error.
type metrics struct {
	registry *prometheus.Registry
	shelf    *shelfMetrics

	deliveries *prometheus.CounterVec
	answers    *prometheus.CounterVec
	lateness   prometheus.Histogram
	editions   prometheus.Counter
	alerts     prometheus.Counter
	amended    prometheus.Counter
	visits     *prometheus.CounterVec
	fetched    prometheus.Counter
	brought    *prometheus.CounterVec
	articles   prometheus.Counter
	stories    prometheus.Counter
	abstracts  *prometheus.CounterVec
	tokens     prometheus.Counter
	updates    *prometheus.CounterVec
	handling   prometheus.Histogram
	conflicts  prometheus.Counter
	limited    prometheus.Counter
}

func newMetrics(shelf gaugeShelf, speaks func() bool, log *slog.Logger) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "tidings_" + name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tidings_" + name, Help: help}, labels)
	}
	histogram := func(name, help string, bounds []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tidings_" + name, Help: help, Buckets: bounds})
	}
	late := make([]float64, len(bot.LateSteps))
	for i, step := range bot.LateSteps {
		late[i] = step.Seconds()
	}
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		shelf:      newShelfMetrics(shelf, log),
		deliveries: counters("deliveries_total", "Deliveries that this process ended.", "kind", "state"),
		answers:    counters("delivery_answers_total", "Answers of Telegram to deliveries, lost ones included.", "answer"),
		lateness:   histogram("edition_lateness_seconds", "From when an edition was due to when it was sent.", late),
		editions:   counter("editions_total", "Editions published, empty ones included."),
		alerts:     counter("alerts_total", "Alerts made."),
		amended:    counter("alerts_amended_total", "Alerts brought up to date."),
		visits:     counters("visits_total", "Visits of sources.", "outcome"),
		fetched:    counter("fetched_bytes_total", "Bytes of the documents that visits read, decompressed."),
		brought:    counters("hub_documents_total", "Documents that hubs brought, and what became of them.", "outcome"),
		articles:   counter("articles_joined_total", "Articles joined to stories."),
		stories:    counter("stories_total", "Stories begun."),
		abstracts:  counters("abstracts_total", "Abstracts that the language model was asked for.", "outcome"),
		tokens:     counter("abstract_tokens_total", "Tokens that they cost."),
		updates:    counters("updates_total", "Updates handled.", "kind", "outcome"),
		handling:   histogram("update_seconds", "How long the handling of an update took.", []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}),
		conflicts:  counter("poll_conflicts_total", "Polls that another poller or a webhook cut short."),
		limited:    counter("telegram_429_total", "Calls that Telegram refused for their rate."),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "tidings_build_info", Help: "The version that runs; always 1.", ConstLabels: prometheus.Labels{"version": buildVersion()}})
	build.Set(1)
	lane := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tidings_speaks", Help: "1 on the one replica that speaks to Telegram."}, func() float64 {
		if speaks() {
			return 1
		}
		return 0
	})
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.shelf, build, lane,
		m.deliveries, m.answers, m.lateness, m.editions, m.alerts, m.amended, m.visits, m.fetched, m.brought, m.articles, m.stories, m.abstracts, m.tokens, m.updates, m.handling, m.conflicts, m.limited)
	m.begin()
	return m
}

// begin shows every series at 0: a rate over one that appears with its first
// event misses that event.
func (m *metrics) begin() {
	for kind := bot.NoticeDelivery; kind <= bot.LastKind; kind++ {
		for _, state := range []bot.DeliveryState{bot.Sent, bot.Unknown, bot.Failed, bot.Dropped} {
			m.deliveries.WithLabelValues(kind.String(), string(state))
		}
	}
	for _, name := range bot.Answers() {
		m.answers.WithLabelValues(name)
	}
	for _, outcome := range []string{"changed", "unchanged", "failed"} {
		m.visits.WithLabelValues(outcome)
	}
	for _, r := range digest.Receptions {
		m.brought.WithLabelValues(string(r))
	}
	for _, outcome := range digest.AbstractOutcomes {
		m.abstracts.WithLabelValues(outcome)
	}
	for _, kind := range append(slices.Clone(telegram.AllowedUpdates), telegram.KindUnknown) {
		for _, outcome := range []string{"done", "failed"} {
			m.updates.WithLabelValues(string(kind), outcome)
		}
	}
}

// handler serves all of it. What cannot be read now is left out.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
}

// Answered counts an answer to a delivery.
func (m *metrics) Answered(name string) { m.answers.WithLabelValues(name).Inc() }

// Delivered counts a delivery that ended.
func (m *metrics) Delivered(d bot.Delivery, now time.Time) {
	m.deliveries.WithLabelValues(d.Kind.String(), string(d.State)).Inc()
	if d.Kind == bot.EditionDelivery && d.State == bot.Sent {
		m.lateness.Observe(max(0, now.Sub(d.Due).Seconds()))
	}
}

// Published counts an edition.
func (m *metrics) Published(bot.EditionID) { m.editions.Inc() }

// Alerted counts alerts, and those brought up to date.
func (m *metrics) Alerted(made, amended int) {
	m.alerts.Add(float64(made))
	m.amended.Add(float64(amended))
}

// Visited counts a visit of a source.
func (m *metrics) Visited(o digest.Outcome) {
	outcome := "unchanged"
	switch {
	case o.Err != nil:
		outcome = "failed"
	case o.Changed:
		outcome = "changed"
	}
	m.visits.WithLabelValues(outcome).Inc()
	m.fetched.Add(float64(o.Bytes))
}

// Received counts a document that was brought.
func (m *metrics) Received(r digest.Reception) { m.brought.WithLabelValues(string(r)).Inc() }

// Joined counts articles and the stories that began with them.
func (m *metrics) Joined(articles, stories int) {
	m.articles.Add(float64(articles))
	m.stories.Add(float64(stories))
}

// Abstracted counts an abstract that was asked for.
func (m *metrics) Abstracted(outcome string, tokens int) {
	m.abstracts.WithLabelValues(outcome).Inc()
	m.tokens.Add(float64(tokens))
}

// handled counts an update.
func (m *metrics) handled(kind telegram.Kind, took time.Duration, failed bool) {
	outcome := "done"
	if failed {
		outcome = "failed"
	}
	m.updates.WithLabelValues(string(kind), outcome).Inc()
	m.handling.Observe(took.Seconds())
}

// polled counts polls that somebody else cut short.
func (m *metrics) polled(err error) {
	if errors.Is(err, telegram.ErrConflict) {
		m.conflicts.Inc()
	}
}

// gaugeShelf is where levels are read.
type gaugeShelf interface {
	Backlog(ctx context.Context, now time.Time) (bot.Backlog, error)
	Levels(ctx context.Context, now time.Time) (bot.Levels, error)
	Incidents(ctx context.Context) ([]bot.Incident, error)
}

// The levels are read again when a scrape comes and they are old: as many times
// older than their reading took, so that reading never costs more than a
// hundredth of the time, however large the house and however many ask. A scrape
// waits a moment for them and else tells those of the reading before.
const (
	levelsAge  = 5 * time.Second
	levelsCost = 100
	levelsWait = 250 * time.Millisecond
	levelsTime = 10 * time.Second // a reading takes at most
)

// shelfMetrics are levels of the shelf.
type shelfMetrics struct {
	shelf gaugeShelf
	log   *slog.Logger
	now   func() time.Time
	asked chan struct{}

	mu      sync.Mutex
	last    *levels
	until   time.Time     // last is young enough
	reading chan struct{} // closed when the reading that goes on is over; nil without one

	waiting, oldest, chats, sources, incidents           *prometheus.Desc
	topics, unknown, overdue, dueChats, bytes, levelsOld *prometheus.Desc
}

// levels is one reading.
type levels struct {
	at      time.Time
	backlog bot.Backlog
	levels  bot.Levels
	open    map[bot.IncidentKind]bool
}

func newShelfMetrics(shelf gaugeShelf, log *slog.Logger) *shelfMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("tidings_"+name, help, labels, nil)
	}
	return &shelfMetrics{
		shelf: shelf, log: log, now: time.Now, asked: make(chan struct{}, 1),
		waiting:   desc("deliveries_waiting", "Deliveries that wait to be sent.", "kind"),
		oldest:    desc("deliveries_oldest_waiting_seconds", "For how long the oldest waiting delivery has been due.", "kind"),
		overdue:   desc("editions_overdue_seconds", "For how long the oldest edition, written or not, has been due by our fault."),
		dueChats:  desc("editions_due", "Editions that are due and not written yet."),
		unknown:   desc("deliveries_unknown_total", "Deliveries whose answer was lost for good, since the database was made."),
		chats:     desc("chats", "Chats that read, and those that are paused or gone.", "state"),
		topics:    desc("topics", "Different topics that are followed."),
		sources:   desc("sources", "Sources that work, that bring nothing new, and that fail.", "state"),
		incidents: desc("incidents_open", "1 while an incident lasts.", "kind"),
		bytes:     desc("database_bytes", "Size of the database."),
		levelsOld: desc("levels_age_seconds", "How old the levels of the shelf in this scrape are."),
	}
}

// run reads levels when a scrape wants them, until ctx ends.
func (s *shelfMetrics) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.asked:
			s.read(ctx)
		}
	}
}

func (s *shelfMetrics) read(ctx context.Context) {
	reading, cancel := context.WithTimeout(ctx, levelsTime)
	defer cancel()
	began := s.now()
	l, err := s.readLevels(reading, began)
	if err != nil && ctx.Err() == nil {
		s.log.Warn("levels for metrics not read", "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if err == nil {
		s.last = &l
	}
	s.until = now.Add(max(levelsAge, levelsCost*now.Sub(began)))
	close(s.reading)
	s.reading = nil
}

func (s *shelfMetrics) readLevels(ctx context.Context, now time.Time) (l levels, err error) {
	l = levels{at: now, open: map[bot.IncidentKind]bool{}}
	if l.backlog, err = s.shelf.Backlog(ctx, now); err != nil {
		return l, err
	}
	if l.levels, err = s.shelf.Levels(ctx, now); err != nil {
		return l, err
	}
	incidents, err := s.shelf.Incidents(ctx)
	for _, i := range incidents {
		l.open[i.Kind] = i.Open()
	}
	return l, err
}

// fresh is the last reading, young if that can be had soon; nil without any.
func (s *shelfMetrics) fresh() *levels {
	s.mu.Lock()
	if s.last != nil && s.now().Before(s.until) {
		defer s.mu.Unlock()
		return s.last
	}
	if s.reading == nil {
		s.reading = make(chan struct{})
		s.asked <- struct{}{} // there is room: no other reading goes on
	}
	reading := s.reading
	s.mu.Unlock()
	select {
	case <-reading:
	case <-time.After(levelsWait):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Describe is part of prometheus.Collector.
func (s *shelfMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.waiting, s.oldest, s.overdue, s.dueChats, s.unknown, s.chats, s.topics, s.sources, s.incidents, s.bytes, s.levelsOld} {
		out <- d
	}
}

// Collect is part of prometheus.Collector.
func (s *shelfMetrics) Collect(out chan<- prometheus.Metric) {
	l := s.fresh()
	if l == nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	since := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return max(0, l.at.Sub(t).Seconds())
	}
	for kind := bot.NoticeDelivery; kind <= bot.LastKind; kind++ {
		q := l.backlog.Kinds[kind]
		gauge(s.waiting, float64(q.Waiting), kind.String())
		gauge(s.oldest, since(q.Oldest), kind.String())
	}
	gauge(s.overdue, since(l.backlog.Overdue))
	gauge(s.dueChats, float64(l.backlog.DueChats))
	out <- prometheus.MustNewConstMetric(s.unknown, prometheus.CounterValue, float64(l.levels.Unknown))
	gauge(s.chats, float64(l.levels.Readers), "reading")
	gauge(s.chats, float64(l.levels.Paused), "paused")
	gauge(s.topics, float64(l.levels.Topics))
	for _, h := range digest.Healths {
		gauge(s.sources, float64(l.levels.Health[h]), string(h))
	}
	for _, kind := range bot.IncidentKinds {
		open := 0.0
		if l.open[kind] {
			open = 1
		}
		gauge(s.incidents, open, string(kind))
	}
	gauge(s.bytes, float64(l.levels.Bytes))
	gauge(s.levelsOld, max(0, s.now().Sub(l.at).Seconds()))
}
