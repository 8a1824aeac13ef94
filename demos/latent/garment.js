// The garment under the pointer, large; how surely it is drawn; and in words what lies here.
const find = (name) => element.querySelector(`.wl-latent-${name}`);
const table = bytes(props.colours), FULL = 0.25, NEIGHBOURS = 15, RING = 8, BUSY = 8;
const sum = new Float32Array(PIXELS), square = new Float32Array(PIXELS), varied = new Float32Array(PIXELS);
const lately = [];  // milliseconds that the last decodings took
let resting = 0;

const percent = (share) => (share < 0.0005 ? 'less than 0.1 %' : `${(100 * share).toFixed(share < 0.095 ? 1 : 0)} %`);
const plural = { trouser: 'trousers', dress: 'dresses', sneaker: 'sneakers', sandal: 'sandals' };
const kinds = (z) => {
  const { kind, names } = desk.net, near = nearest(z, NEIGHBOURS).map((i) => kind[i]), count = names.map((_, c) => near.filter((k) => k === c).length);
  const most = count.indexOf(Math.max(...count));
  return `${count[most]} of the ${NEIGHBOURS} nearest test pictures are ${plural[names[most]] || `${names[most].replace(/s$/, '')}s`}.`;
};
const say = (z) => {
  const n = learnt_near(z), { learnt } = desk.net, title = find('here'), words = find('around');
  const many = n === 255 ? '255 or more' : n;
  find('garment').dataset.learnt = n > 0;
  title.textContent = n ? kinds(z) : 'Nothing was learnt here.';
  words.textContent = n ? `${many} of ${learnt.toLocaleString('en')} training pictures ${n === 1 ? 'has its code' : 'have their codes'} about here.`
    : `None of ${learnt.toLocaleString('en')} training pictures has its code about here: what you see is made up.`;
};

// decoded at eight points of the ellipse of one σ: how far each pixel's light departs from its mean
const uncertain = () => {
  if (!desk.net || !element.isConnected) return;
  const z = desk.point, { spread, whose } = spread_at(z);
  sum.fill(0); square.fill(0);
  for (let k = 0; k < RING; k++) {
    const x = decode([z[0] + spread[0] * Math.cos(Math.PI * k / 4), z[1] + spread[1] * Math.sin(Math.PI * k / 4)]);
    for (let i = 0; i < PIXELS; i++) { sum[i] += x[i]; square[i] += x[i] * x[i]; }
  }
  let most = 0, all = 0;
  for (let i = 0; i < PIXELS; i++) {
    varied[i] = Math.sqrt(Math.max(0, square[i] / RING - (sum[i] / RING) ** 2));
    all += varied[i]; most = Math.max(most, varied[i]);
  }
  paint(find('varied'), varied, table, FULL);
  find('unsure').textContent = `Within one σ of ${whose} (${spread.map((s) => s.toPrecision(2)).join(' and ')}) a pixel’s light varies by `
    + `${percent(all / PIXELS)} on average, ${percent(most)} at most.`;
};
const show = each_frame(() => {
  if (!desk.net) return;
  const began = performance.now(), x = decode(desk.point);
  lately.push(performance.now() - began);
  if (lately.length > 30) lately.shift();
  const took = [...lately].sort((a, b) => a - b)[lately.length >> 1];
  paint(find('large'), x);
  find('large').dataset.at = words_of(desk.point);
  say(desk.point);
  find('device').textContent = `Computed on your device: ${took.toFixed(1)} ms a garment.`;
  clearTimeout(resting);
  if (lately.length < 5 || took * RING < BUSY) uncertain(); else resting = setTimeout(uncertain, 80);  // a slow device first, when the pointer rests
});
on('point', show); on('net', show); on('pins', show);
show();
