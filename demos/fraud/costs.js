// What a threshold costs. Sorted once by score, so that every threshold is answered from running sums.
const sorted_sums = ({ score, fraud, euro }) => {
  const order = score.map((_, i) => i).sort((a, b) => score[b] - score[a]);
  const sums = { score: order.map((i) => score[i]), caught: [0], normal: [0], euros: [0] };
  order.forEach((i, k) => {
    sums.caught.push(sums.caught[k] + fraud[i]);
    sums.normal.push(sums.normal[k] + 1 - fraud[i]);
    sums.euros.push(sums.euros[k] + fraud[i] * euro[i]);
  });
  return sums;
};
const above = (sums, threshold) => {  // how many score at least so much
  let low = 0, high = sums.score.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums.score[middle] >= threshold) low = middle + 1; else high = middle;
  }
  return low;
};
// The real number of normal payments for which one here stands, when `rate` of all real payments are frauds.
const normal_weight = (data, sums, rate) => {
  const n = sums.score.length, frauds = sums.caught[n] * data.weights[1];
  return frauds * (1 - rate) / rate / sums.normal[n];
};
const true_rate = (data, sums) => {
  const n = sums.score.length, frauds = sums.caught[n] * data.weights[1];
  return frauds / (frauds + sums.normal[n] * data.weights[0]);
};
const at_rank = (data, sums, k, rate, cost) => {
  const n = sums.score.length, weight = normal_weight(data, sums, rate), fraud_weight = data.weights[1];
  const caught = sums.caught[k], frauds = sums.caught[n], normal = sums.normal[k];
  const real = caught * fraud_weight, false_alarms = normal * weight;
  const euros = (2 * sums.euros[k] - sums.euros[n]) * fraud_weight - (real + false_alarms) * cost;
  return {
    caught, missed: frauds - caught, recall: frauds ? caught / frauds : 0,
    precision: real + false_alarms ? real / (real + false_alarms) : 1,
    false_share: normal / sums.normal[n], false_a_day: false_alarms / data.days, euros_a_day: euros / data.days,
  };
};
