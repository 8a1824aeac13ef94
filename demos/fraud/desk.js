// The dots, the threshold across them, and what follows from it.
const $ = (query) => element.querySelector(query);
const number = (value, digits = 0) =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits }).replace('-', '\u2212');
const RATES = [0.00173, 0.056];  // the truth, and this sample
const still = matchMedia('(prefers-reduced-motion: reduce)');
const FALL_MS = 5000, MARGIN = 10;
let data = null, sums = null, net = null, low = 0, high = 1, rank = 0, threshold = 1, chosen = -1, began = null, frame = 0;

const rate_now = () => {
  const share = Number($('.wl-fraud-rate').value) / 100, truth = true_rate(data, sums);
  return truth * (RATES[1] / truth) ** share;
};
const cost_now = () => Math.max(0, Number($('.wl-fraud-cost').value) || 0);
const level = (score) => Math.log10(Math.max(score, 1e-3));
const y_of = (score, height) => MARGIN + (height - 2 * MARGIN) * (high - level(score)) / (high - low);
const x_of = (hour, width) => MARGIN + (width - 2 * MARGIN) * (hour - data.hour[0]) / (data.hour[data.n - 1] - data.hour[0] || 1);

const draw = (now) => {
  frame = 0;
  const canvas = $('canvas'), box = canvas.getBoundingClientRect();
  if (!data || !box.width) return;
  const scale = devicePixelRatio || 1, pen = canvas.getContext('2d'), style = getComputedStyle(element);
  if (canvas.width !== Math.round(box.width * scale)) canvas.width = Math.round(box.width * scale);
  if (canvas.height !== Math.round(box.height * scale)) canvas.height = Math.round(box.height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  const line = y_of(threshold, box.height), spent = began === null ? 1 : Math.min(1, (now - began) / FALL_MS);
  const [ink, fraud, quiet] = ['--wl-ink', '--wl-own', '--wl-track'].map((name) => style.getPropertyValue(name));
  pen.fillStyle = style.getPropertyValue('--wl-sunken');
  pen.fillRect(0, 0, box.width, line);
  for (const kind of [0, 1]) for (let i = 0; i < data.n; i++) {
    if (data.fraud[i] !== kind) continue;
    const due = 0.85 * i / data.n, fallen = Math.min(1, Math.max(0, (spent - due) / 0.15));
    if (!fallen) continue;
    const x = x_of(data.hour[i], box.width), y = y_of(data.score[i], box.height) * (1 - (1 - fallen) ** 2), alarm = data.score[i] >= threshold;
    pen.globalAlpha = kind ? 1 : alarm ? 0.9 : 0.45;
    pen.fillStyle = pen.strokeStyle = kind ? fraud : alarm ? ink : quiet;
    pen.beginPath();
    if (kind) { pen.moveTo(x, y - 5); pen.lineTo(x + 5, y); pen.lineTo(x, y + 5); pen.lineTo(x - 5, y); pen.closePath(); }
    else pen.arc(x, y, 2.4, 0, 7);
    if (kind && !alarm) { pen.lineWidth = 1.6; pen.stroke(); } else pen.fill();
    if (i === chosen) { pen.globalAlpha = 1; pen.lineWidth = 2.5; pen.strokeStyle = ink; pen.beginPath(); pen.arc(x, y, 10, 0, 7); pen.stroke(); }
  }
  pen.globalAlpha = 1; pen.strokeStyle = style.getPropertyValue('--wl-accent'); pen.lineWidth = 3;
  pen.beginPath(); pen.moveTo(0, line); pen.lineTo(box.width, line); pen.stroke();
  const tag = $('.wl-fraud-tag');
  tag.style.top = `${line}px`;
  if (spent < 1) ask(); else began = null;
};
const ask = () => { frame ||= requestAnimationFrame(draw); };

// readouts and curves
const readout = (value, unit) => `<div><b>${value}</b><span>${unit}</span></div>`;
const tell = (aloud) => {
  const found = at_rank(data, sums, rank, rate_now(), cost_now()), n = sums.score.length;
  $('.wl-fraud-readouts').innerHTML = readout(number(found.caught), `of ${number(sums.caught[n])} frauds caught`)
    + readout(number(found.missed), 'missed') + readout(number(found.false_a_day), 'false alarms a day')
    + readout(`${number(found.euros_a_day)} €`, 'a day: caught − missed − looks');
  $('.wl-fraud-tag').textContent = `alarm above · ${number(100 * found.precision, 1)} % of alarms are frauds`;
  mark(found);
  if (!aloud) return;
  const slider = $('.wl-fraud-dots input');
  slider.setAttribute('aria-valuetext', `${found.caught} frauds caught, ${number(found.false_a_day)} false alarms a day`);
};
const CURVES = {
  precision: (f) => [f.recall, f.precision],
  roc: (f) => [f.false_share, f.recall],
  euros: (f, k) => [1 - Math.log(Math.max(k, 1)) / Math.log(sums.score.length), f.euros_a_day],
};
let spans = {};
const curves = () => {
  const rate = rate_now(), cost = cost_now(), n = sums.score.length;
  const ranks = sums.score.map((_, k) => k + 1).filter((k) => k === n || sums.score[k] !== sums.score[k - 1]);
  const all = ranks.map((k) => [k, at_rank(data, sums, k, rate, cost)]);
  for (const [name, place] of Object.entries(CURVES)) {
    const points = all.map(([k, f]) => place(f, k)), values = points.map(([, y]) => y);
    spans[name] = name === 'euros' ? [Math.max(Math.min(...values), -3 * Math.max(...values, 1)), Math.max(...values, 1)] : [0, 1];
    $(`[data-curve=${name}]`).parentElement.dataset.top = name === 'euros' ? `${number(spans[name][1])} €` : '1';
    const path = points.map(([x, y]) => `${(300 * x).toFixed(1)},${height_of(name, y).toFixed(1)}`).join(' ');
    $(`[data-curve=${name}]`).innerHTML = `<polyline points="${path}" vector-effect="non-scaling-stroke"/><path class="wl-fraud-here" vector-effect="non-scaling-stroke"/>`;
  }
  let area = 0, before = 0;
  for (const [, f] of all) { area += (f.recall - before) * f.precision; before = f.recall; }
  let under = 0, last = [0, 0];
  for (const [, f] of all) { under += (f.false_share - last[0]) * (f.recall + last[1]) / 2; last = [f.false_share, f.recall]; }
  const words = $('.wl-fraud-curves').querySelectorAll('figcaption');
  words[0].textContent = `Area ${area.toFixed(3)}, higher is better: it falls as frauds get rarer.`;
  words[1].textContent = `Area ${under.toFixed(3)}, higher is better: it stands still, whatever the share of frauds.`;
  words[2].textContent = `Left: an alarm at everything; right: at next to nothing. At best ${number(spans.euros[1])} € a day.`;
  $('.wl-fraud-rate-said').textContent = `${(100 * rate).toFixed(2)} %${Number($('.wl-fraud-rate').value) ? '' : ' (the truth in these hours)'}`;
};
const height_of = (name, y) => 148 - 146 * Math.min(1, Math.max(0, (y - spans[name][0]) / (spans[name][1] - spans[name][0] || 1)));
const mark = (found) => {
  for (const [name, place] of Object.entries(CURVES)) {
    const [x, y] = place(found, rank), at = height_of(name, y);
    element.querySelector(`[data-curve=${name}] .wl-fraud-here`)?.setAttribute('d', `M${300 * x} ${at}h0`);
  }
};

// the threshold
const set_threshold = (value, aloud = true) => {
  threshold = Math.min(10 ** high, Math.max(10 ** low, value));
  rank = above(sums, threshold);
  $('.wl-fraud-dots input').value = Math.round(1000 * (level(threshold) - low) / (high - low));
  tell(aloud);
  ask();
};
const cheapest = () => {
  let best = 0, most = -Infinity;
  for (let k = 1; k <= data.n; k++) {
    const euros = at_rank(data, sums, k, rate_now(), cost_now()).euros_a_day;
    if (euros > most) [best, most] = [k, euros];
  }
  return sums.score[best - 1];
};
const WORDS = {
  valid: () => 'Chosen on validation, where the choice belongs: what it earns here is what one may expect.',
  test: () => 'Read off the very payments that it is measured on, for the best F1: ',
  cheapest: () => 'Read off the very payments that it is measured on, for the most euros: ',
};
const peek = (which) => {
  const euros = (value) => at_rank(data, sums, above(sums, value), rate_now(), cost_now()).euros_a_day;
  const value = which === 'cheapest' ? cheapest() : data.thresholds[which], more = euros(value) - euros(data.thresholds.valid);
  set_threshold(value);
  $('.wl-fraud-said').textContent = WORDS[which]() + (which === 'valid' ? '' :
    `${number(Math.abs(more))} € a day ${more >= 0 ? 'more' : 'less'} than the honest one. Nobody gets those tomorrow.`);
};

// gestures
const box_of = () => $('canvas').getBoundingClientRect();
const near = (event) => {
  const box = box_of();
  let best = -1, least = 12 ** 2;
  for (let i = 0; i < data.n; i++) {
    const away = (x_of(data.hour[i], box.width) + box.left - event.clientX) ** 2 + (y_of(data.score[i], box.height) + box.top - event.clientY) ** 2;
    if (away < least - (data.fraud[i] ? 0 : 1e-9)) [best, least] = [i, away];
  }
  return best;
};
const pull = (event) => {
  const box = box_of(), share = (event.clientY - box.top - MARGIN) / (box.height - 2 * MARGIN);
  set_threshold(10 ** (high - share * (high - low)), false);
};
let dragging = false, moved = false;
element.addEventListener('pointerdown', (event) => {
  if (!data || event.target !== $('canvas')) return;
  dragging = true; moved = false;
  event.target.setPointerCapture(event.pointerId);
  event.preventDefault();
});
element.addEventListener('pointermove', (event) => {
  if (!dragging) return;
  if (Math.abs(event.movementY) + Math.abs(event.movementX) > 0) moved = true;
  if (moved) pull(event);
});
element.addEventListener('pointerup', (event) => {
  if (!dragging) return;
  dragging = false;
  const i = moved ? -1 : near(event);
  if (i >= 0) choose(i); else { pull(event); tell(true); }
});
element.addEventListener('pointercancel', () => { dragging = false; });
element.addEventListener('input', (event) => {
  if (!data) return;
  event.stopPropagation();
  if (event.target.matches('.wl-fraud-dots input')) set_threshold(10 ** (low + (high - low) * event.target.value / 1000));
  else { curves(); tell(true); }
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!data || !button) return;
  if (button.dataset.threshold) peek(button.dataset.threshold);
  if ('again' in button.dataset) { began = still.matches ? null : performance.now(); ask(); }
  if (button.dataset.payment) choose(Number(button.dataset.payment));
});

// one payment
const said = (i) => `${number(data.euro[i], 2)} €, ${Math.floor(data.hour[i])}:${String(Math.floor(60 * (data.hour[i] % 1))).padStart(2, '0')} h`;
const galleries = () => {
  const kind = (fraud, sign) => data.score.map((s, i) => [s, i]).filter(([, i]) => data.fraud[i] === fraud)
    .sort((a, b) => sign * (a[0] - b[0])).slice(0, 6);
  const row = (title, found) => `<div><h3>${title}</h3><div class="wl-fraud-row">${found.map(([s, i]) =>
    `<button type="button" data-payment="${i}">${said(i)}<small>${(s / data.thresholds.valid).toPrecision(2)} × the threshold</small></button>`).join('')}</div></div>`;
  $('.wl-fraud-galleries').innerHTML = row('Ordinary frauds: given back best of all', kind(1, 1)) + row('Odd honest people: given back worst', kind(0, -1));
};
const deviation = (value) => number(value, 1);
const choose = (i) => {
  chosen = i; ask();
  element.querySelectorAll('[data-payment]').forEach((b) => b.setAttribute('aria-pressed', Number(b.dataset.payment) === i));
  if (!net) return;
  const z = net.rows[i], { score, part, given } = score_of(net, z), like = nearest(net, z), D = z.length;
  const alarm = score >= threshold, change = alarm ? smallest_change(net, z, threshold) : null;
  const order = [...Array(D).keys()].sort((a, b) => Math.abs(part[b]) - Math.abs(part[a])).slice(0, 8);
  const most = Math.max(...order.map((k) => Math.abs(part[k])), 1e-9), names = data.features;
  const bars = order.map((k) => `<tr><th scope="row">${names[k]}</th><td><i style="width:${(100 * Math.max(0, part[k]) / most).toFixed(1)}%"></i></td>
    <td>${deviation(z[k])}</td><td>${deviation(given[k])}</td><td>${deviation(like.row[k])}</td></tr>`).join('');
  $('.wl-fraud-payment').innerHTML = `<p class="wl-verdict ${data.fraud[i] === Number(alarm) ? 'wl-holds' : 'wl-fails'}"><b>${said(i)}: ${data.fraud[i] ? 'a fraud' : 'a normal payment'}, ${alarm ? 'an alarm' : 'no alarm'}</b>
    Its score is ${score.toPrecision(3)}, ${(score / threshold).toPrecision(2)} times the threshold.</p>
    <div class="wl-scroll" tabindex="0" role="region" aria-label="The payment by its features"><table class="wl-table wl-fraud-features"><caption>The eight features that carry most of the score, in deviations of normal payments (V1 to V28 are known to the bank alone)</caption>
    <thead><tr><th scope="col">feature</th><th scope="col">its part of the score</th><th scope="col">is</th><th scope="col">given back as</th><th scope="col">nearest normal</th></tr></thead><tbody>${bars}</tbody></table></div>
    <p class="wl-note">The nearest of ${number(net.normal.length)} normal payments lies ${deviation(like.distance)} deviations away. ${hiding(change, z, names)}</p>`;
};
const hiding = (change, z, names) => {
  if (!change) return 'It raises no alarm, so nothing need change for it to look normal.';
  const steps = change.changed.map((i) => `${names[i]} at ${deviation(change.now[i])} instead of ${deviation(z[i])}`).join(', ');
  return change.hidden ? `The smallest change that was found to look normal: ${steps}.` : 'No change of three features makes it look normal.';
};

// opening
const slices = (buffer, counts) => {
  let at = 0;
  return counts.map(([n, width]) => Array.from({ length: n }, () => new Float32Array(buffer, 4 * (at += width) - 4 * width, width)));
};
const open = async () => {
  data = props.value; net = null; chosen = -1;
  if (!data) return;
  sums = sorted_sums(data);
  const levels = data.score.map(level);
  low = Math.min(...levels) - 0.05; high = Math.max(...levels) + 0.1;
  $('.wl-fraud-hours').textContent = `${data.hour[0].toFixed(0)} h to ${data.hour[data.n - 1].toFixed(0)} h →`;
  began = still.matches ? null : performance.now();
  curves(); set_threshold(data.thresholds.valid); galleries();
  const opened = data, D = data.features.length;
  const [layers, buffer] = await Promise.all([fetch_net(data.net.url), fetch(data.rows.url).then((answer) => answer.arrayBuffer())]);
  if (opened !== data) return;
  const [rows, normal, [mean], [precision]] = slices(buffer, [[data.n, D], [data.normal, D], [1, D], [1, D * D]]);
  net = { layers, rows, normal, mean, precision };
  const alarmed = data.score.map((s, i) => [s, i]).filter(([s, i]) => data.fraud[i] && s >= threshold).sort((a, b) => a[0] - b[0]);
  const told = alarmed.slice(0, 6).find(([, i]) => smallest_change(net, rows[i], threshold).hidden) || alarmed[0];
  if (told) choose(told[1]);
  element.dataset.ready = data.counts;
};
watch('value', open);
new ResizeObserver(ask).observe(element);
new MutationObserver(ask).observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
open();
