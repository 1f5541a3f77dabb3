package bot

import (
	"fmt"
	"math"
	"time"

	"github.com/go-analyze/charts"
)

// The picture of /stats, in pixels: as wide as phones show without scaling it
// up, with letters that can be read when they scale it down.
const (
	chartWidth  = 1280
	chartHeight = 1120
	chartLetter = 22 // size of most letters
	chartHours  = 48 // shown one by one; a longer history is shown by days
	chartDays   = 90
)

// A chart is what a picture shows: equal stretches of time in order, those
// without figures left out.
type chart struct {
	labels []string
	points []*Figures // nil where nobody looked
	title  string
}

// chartOf lines a history up, hour by hour or, when it is longer than two days,
// day by day of a zone, up to now. Now is the last point.
func chartOf(p Phrases, history []Figures, zone *time.Location, now time.Time) chart {
	if len(history) == 0 {
		return chart{}
	}
	if now.Sub(history[0].From) <= chartHours*time.Hour {
		return chartOfHours(p, history, zone, now)
	}
	return chartOfDays(p, byDay(history, zone), zone, now)
}

func chartOfHours(p Phrases, hours []Figures, zone *time.Location, now time.Time) chart {
	first := hours[0].From
	if whole := now.Truncate(time.Hour).Add(-23 * time.Hour); whole.Before(first) {
		first = whole // a day at least, or one column would fill the picture
	}
	c := chart{}
	for at := first; !at.After(now); at = at.Add(time.Hour) {
		var point *Figures
		for i := range hours {
			if hours[i].From.Equal(at) {
				point = &hours[i]
			}
		}
		c.points = append(c.points, point)
		c.labels = append(c.labels, at.In(zone).Format("15:04"))
	}
	c.title = p.Plain("chart_hours", Values{"Count": len(c.points)})
	return c
}

func chartOfDays(p Phrases, days []Figures, zone *time.Location, now time.Time) chart {
	known := map[time.Time]*Figures{}
	for i := range days {
		known[days[i].From.UTC()] = &days[i]
	}
	last := dayOf(now, zone)
	c := chart{}
	y, m, d := days[0].From.Date()
	for day := time.Date(y, m, d, 0, 0, 0, 0, zone); !day.After(last); d, day = d+1, time.Date(y, m, d+1, 0, 0, 0, 0, zone) {
		c.points = append(c.points, known[day.UTC()])
		c.labels = append(c.labels, p.shortDate(day))
	}
	if extra := len(c.points) - chartDays; extra > 0 {
		c.points, c.labels = c.points[extra:], c.labels[extra:]
	}
	c.title = p.Plain("chart_days", Values{"Count": len(c.points)})
	return c
}

// shortDate is a day as a label: "3 Mar".
func (p Phrases) shortDate(day time.Time) string {
	return p.Plain("chart_date", Values{"Day": p.monthDay(day), "Month": p.Plain(fmt.Sprintf("chart_month_%d", int(day.Month())), nil)})
}

// column reads one figure of every point; where nobody looked there is none.
func (c chart) column(read func(*Figures) int) []float64 {
	values := make([]float64, len(c.points))
	for i, f := range c.points {
		values[i] = charts.GetNullValue()
		if f != nil {
			values[i] = float64(read(f))
		}
	}
	return values
}

// draw makes a PNG of readers as lines above deliveries as bars.
func (c chart) draw(p Phrases) ([]byte, error) {
	paper := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight, Theme: chartTheme,
	})
	paper.FilledRect(0, 0, chartWidth, chartHeight, charts.ColorWhite, charts.ColorWhite, 0)
	paper.Text(c.title, 36, 62, 0, charts.FontStyle{FontSize: chartLetter + 8, FontColor: chartInk})
	const head, half = 76, (chartHeight - 76) / 2
	upper := paper.Child(charts.PainterBoxOption(charts.NewBox(0, head, chartWidth, head+half)))
	if err := upper.LineChart(c.readers(p)); err != nil {
		return nil, fmt.Errorf("draw readers: %w", err)
	}
	lower := paper.Child(charts.PainterBoxOption(charts.NewBox(0, head+half, chartWidth, chartHeight)))
	if err := lower.BarChart(c.deliveries(p)); err != nil {
		return nil, fmt.Errorf("draw deliveries: %w", err)
	}
	return paper.Bytes()
}

var (
	chartInk     = charts.ColorRGB(45, 49, 56)
	chartBlue    = charts.ColorRGB(35, 107, 190)
	chartGreen   = charts.ColorRGB(34, 150, 110)
	chartRed     = charts.ColorRGB(214, 69, 65)
	chartTheme   = charts.GetTheme(charts.ThemeLight)
	chartPadding = charts.Box{Top: 20, Left: 32, Right: 44, Bottom: 20, IsSet: true}
)

func (c chart) readers(p Phrases) charts.LineChartOption {
	readers := c.column(func(f *Figures) int { return f.Readers })
	o := charts.NewLineChartOptionWithData([][]float64{readers, c.column(func(f *Figures) int { return f.Active })})
	o.Theme = chartTheme.WithSeriesColors([]charts.Color{chartBlue, chartGreen})
	o.Legend = chartLegend(p.Plain("chart_readers", nil), p.Plain("chart_active", nil))
	o.XAxis = c.times()
	o.YAxis = []charts.YAxisOption{chartScale(p, readers)}
	o.Padding = chartPadding
	o.LineStrokeWidth = 5
	o.Symbol = charts.Symbol{Shape: charts.SymbolDot, Size: 5}
	return o
}

func (c chart) deliveries(p Phrases) charts.BarChartOption {
	bad := func(f *Figures) int { return f.Failed + f.Unknown }
	o := charts.NewBarChartOptionWithData([][]float64{c.column(func(f *Figures) int { return f.Sent }), c.column(bad)})
	o.Theme = chartTheme.WithSeriesColors([]charts.Color{chartBlue, chartRed})
	o.Legend = chartLegend(p.Plain("chart_sent", nil), p.Plain("chart_failed", nil))
	o.CategoryAxis = c.times()
	o.ValueAxis = []charts.ValueAxisOption{chartScale(p, c.column(func(f *Figures) int { return f.Sent + bad(f) }))}
	o.Padding = chartPadding
	o.StackSeries = charts.Ptr(true)
	return o
}

func chartLegend(names ...string) charts.LegendOption {
	for i := range names {
		names[i] = " " + names[i]
	}
	return charts.LegendOption{
		SeriesNames: names, FontStyle: charts.FontStyle{FontSize: chartLetter, FontColor: chartInk}, Offset: charts.OffsetRight, Symbol: charts.SymbolSquare,
	}
}

func (c chart) times() charts.XAxisOption {
	return charts.XAxisOption{
		Labels: c.labels, LabelFontStyle: charts.FontStyle{FontSize: chartLetter - 2, FontColor: chartInk},
		LabelCount: min(len(c.labels), 6), BoundaryGap: charts.Ptr(true),
	}
}

// chartScale reaches from 0 to just above the values in four round steps.
func chartScale(p Phrases, values []float64) charts.ValueAxisOption {
	const steps = 4
	top := 1.0
	for _, v := range values {
		if v != charts.GetNullValue() {
			top = max(top, v)
		}
	}
	step := roundUp(top / steps)
	return charts.ValueAxisOption{
		Min: charts.Ptr(0.0), Max: charts.Ptr(step * steps), RangeValuePaddingScale: charts.Ptr(0.0), LabelCount: steps + 1,
		LabelFontStyle: charts.FontStyle{FontSize: chartLetter - 2, FontColor: chartInk}, ValueFormatter: p.chartNumber,
	}
}

// roundUp is the next number that looks round on a scale.
func roundUp(v float64) float64 {
	for power := 1.0; ; power *= 10 {
		for _, digits := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 7.5} {
			if n := digits * power; n >= v && n == math.Trunc(n) {
				return n
			}
		}
	}
}

// chartNumber keeps labels short: 950, 1.5k, 20k, 1M.
func (p Phrases) chartNumber(v float64) string {
	switch {
	case v >= 1e6:
		return p.Plain("chart_millions", Values{"Number": p.decimal(v/1e6, -1)})
	case v >= 1e3:
		return p.Plain("chart_thousands", Values{"Number": p.decimal(v/1e3, -1)})
	}
	return p.decimal(v, 0)
}
