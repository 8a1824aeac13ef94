// A chart as the server draws its own: marks in an SVG that stretches, ticks as text beside it.
const WIDTH = 600, HIGH = 200;
const scale = ({ low, high, log }) => {
  const of = log ? Math.log10 : (v) => v, [a, b] = [of(low), of(high)];
  return (value) => keep((of(log ? Math.max(value, 1e-300) : value) - a) / ((b - a) || 1), 0, 1);
};
const plotted = ({ title, x, y, lines, rule, shade, words }) => {
  const across = scale(x), up = scale(y), svg = drawn('svg', { viewBox: `0 0 ${WIDTH} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words });
  const at = ([u, v]) => `${(WIDTH * across(u)).toFixed(1)},${(HIGH * (1 - up(v))).toFixed(1)}`;
  if (shade) svg.append(drawn('rect', { class: 'wl-sentiment-shade-k', x: WIDTH * across(shade), y: 0, width: WIDTH * (1 - across(shade)), height: HIGH }));
  for (const [, share] of y.ticks.map(([v]) => [v, up(v)])) svg.append(drawn('line', { x1: 0, x2: WIDTH, y1: HIGH * (1 - share), y2: HIGH * (1 - share), 'vector-effect': 'non-scaling-stroke' }));
  for (const { kind, points } of lines) if (points.length) svg.append(drawn('polyline', { class: `wl-sentiment-${kind}`, points: points.map(at).join(' '), 'vector-effect': 'non-scaling-stroke' }));
  if (rule !== undefined) svg.append(drawn('line', { class: 'wl-sentiment-rule', x1: WIDTH * across(rule), x2: WIDTH * across(rule), y1: 0, y2: HIGH, 'vector-effect': 'non-scaling-stroke' }));
  const plot = document.createElement('div'), ticks = (kind, side, axis, share) => {
    const it = document.createElement('div');
    it.className = kind; it.ariaHidden = 'true';
    for (const [value, words_] of axis.ticks) { const tick = document.createElement('span'); tick.style[side] = `${100 * share(value)}%`; tick.textContent = words_; it.append(tick); }
    return it;
  };
  plot.className = 'wl-plot';
  const label = document.createElement('div');
  label.className = 'wl-plot-label'; label.textContent = x.label;
  plot.append(ticks('wl-plot-y', 'bottom', y, up), svg, ticks('wl-plot-x', 'left', x, across), label);
  const head = document.createElement('div'), caption = document.createElement('figcaption'), bold = document.createElement('b');
  head.className = 'wl-plot-head'; bold.textContent = title; head.append(bold);
  caption.textContent = words;
  return [head, plot, caption];
};
