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
// At most three features, one after another: each the one, and the step towards what the net gives back or towards the
// nearest normal payment, that lowers the score most. Then every step is shortened as far as the alarm stays off.
const STEPS = [0.25, 0.5, 0.75, 1, 1.25];
const smallest_change = (net, z, threshold, most = 3) => {
  const now = Float64Array.from(z), changed = [];
  let score = score_of(net, now).score;
  while (score >= threshold && changed.length < most) {
    const { given } = score_of(net, now), like = nearest(net, now).row;
    let best = null;
    for (let i = 0; i < z.length; i++) {
      if (changed.includes(i)) continue;
      const was = now[i];
      for (const aim of [given[i], like[i]]) for (const step of STEPS) {
        now[i] = was + step * (aim - was);
        const tried = score_of(net, now).score;
        if (!best || tried < best.score) best = { i, value: now[i], score: tried };
      }
      now[i] = was;
    }
    if (!best || best.score >= score) break;
    now[best.i] = best.value; score = best.score; changed.push(best.i);
  }
  if (score >= threshold) return { hidden: false, changed, now, score };
  for (const i of changed) {
    let low = 0, high = 1;
    const to = now[i];
    for (let round = 0; round < 12; round++) {
      const share = (low + high) / 2;
      now[i] = z[i] + share * (to - z[i]);
      if (score_of(net, now).score < threshold) high = share; else low = share;
    }
    now[i] = z[i] + high * (to - z[i]);
  }
  return { hidden: true, changed, now, score: score_of(net, now).score };
};
