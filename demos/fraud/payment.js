// One payment, explained by the net in the page: what it cannot give back, who is most like it, what little would hide it.
const score_of = (net, z) => {
  const { layers, mean, precision } = net, D = z.length, given = forward(layers, z);
  const away = Float64Array.from(z, (v, i) => v - given[i] - mean[i]);
  let score = 0;
  const part = new Float64Array(D);
  for (let i = 0; i < D; i++) {
    let sum = 0;
    for (let j = 0; j < D; j++) sum += precision[i * D + j] * away[j];
    part[i] = sum * away[i];
    score += part[i];
  }
  return { score, part, given: Float64Array.from(given) };
};
const nearest = (net, z) => {
  let best = 0, least = Infinity;
  for (let k = 0; k < net.normal.length; k++) {
    let away = 0;
    for (let i = 0; i < z.length && away < least; i++) away += (net.normal[k][i] - z[i]) ** 2;
    if (away < least) [best, least] = [k, away];
  }
  return { row: net.normal[best], distance: Math.sqrt(least) };
};
// At most three features, one after another: each the one that, with those before it, lowers the score most. What they
// are set to is searched among what the net gives back, the nearest normal payment's and a ladder of usual values; then
// all of them are moved back as far as the alarm stays off.
const LADDER = [-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3];
const best_value = (net, now, i, like) => {
  const was = now[i], { given } = score_of(net, now);
  let best = { value: was, score: Infinity };
  for (const value of [was, given[i], 2 * given[i] - was, like[i], ...LADDER]) {
    now[i] = value;
    const { score } = score_of(net, now);
    if (score < best.score) best = { value, score };
  }
  now[i] = was;
  return best;
};
const smallest_change = (net, z, threshold, most = 3) => {
  const now = Float64Array.from(z), changed = [];
  let score = score_of(net, now).score;
  while (score >= threshold && changed.length < most) {
    const like = nearest(net, now).row;
    const found = [...z.keys()].filter((i) => !changed.includes(i)).map((i) => ({ i, ...best_value(net, now, i, like) }));
    const best = found.reduce((a, b) => (b.score < a.score ? b : a));
    now[best.i] = best.value;
    changed.push(best.i);
    for (let round = 0; round < 2; round++) for (const i of changed) now[i] = best_value(net, now, i, like).value;
    score = score_of(net, now).score;
  }
  if (score >= threshold) return { hidden: false, changed, now, score };
  const to = Float64Array.from(now);
  let low = 0, high = 1;
  for (let round = 0; round < 14; round++) {
    const share = (low + high) / 2;
    for (const i of changed) now[i] = z[i] + share * (to[i] - z[i]);
    if (score_of(net, now).score < threshold) high = share; else low = share;
  }
  for (const i of changed) now[i] = z[i] + high * (to[i] - z[i]);
  return { hidden: true, changed, now, score: score_of(net, now).score };
};
