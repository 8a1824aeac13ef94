// The walk from A to B: through the plane of the net, by cross-fading the pixels, and through the plane of PCA.
const find = (name) => element.querySelector(`.wl-latent-${name}`);
const slider = find('slider'), STEPS = 40;
let taken = null;
const mixed = new Float32Array(PIXELS), flat = new Float32Array(PIXELS);
let light = { A: new Float32Array(PIXELS), B: new Float32Array(PIXELS) };

const take = () => {  // the server's answer: both pins as a net has placed them, which may still be on its way
  const { value } = props;
  if (!value || value === taken || desk.net?.key !== value.key) return;
  taken = value;
  desk.pins = { A: read(value.A), B: read(value.B) };
  if (value.at !== undefined) slider.value = value.at;
  if (value.look) desk.at = desk.point = desk.pins[value.look].code;
  tell('pins'); tell('point');
};
const read = (pin) => ({ ...pin, x: Float32Array.from(bytes(pin.x), (b) => b / 255) });
const on_plane = (x) => {
  const { mean, axes } = desk.net, at = [0, 0];
  for (let i = 0; i < PIXELS; i++) for (let a = 0; a < 2; a++) at[a] += (x[i] - mean[i]) * axes[2 * i + a];
  return at;
};
const along = (a, b, t) => a.map((from, i) => from + t * (b[i] - from));
const ready = () => {  // a pin that was moved stands for what the net draws there
  if (!desk.net || !desk.pins) return;
  for (const name of ['A', 'B']) {
    const pin = desk.pins[name];
    light[name] = pin.x || Float32Array.from(decode(pin.code));
    paint(find(`of-${name}`), light[name]);
    find(`name-${name}`).textContent = `${name}: ${pin.words}`;
  }
  walk();
};
const told = () => {
  const { A, B } = desk.pins;
  const counts = [...Array(STEPS + 1).keys()].map((k) => learnt_near(along(A.code, B.code, k / STEPS)));
  const empty = counts.filter((n) => !n).length;
  return empty ? `${empty} of ${STEPS + 1} steps of the way through the plane lead where nothing was learnt: there the garment is made up.`
    : `All ${STEPS + 1} steps of the way through the plane lead past training pictures.`;
};
const walk = each_frame(() => {
  if (!desk.net || !desk.pins) return;
  const t = slider.value / 100, { A, B } = desk.pins;
  desk.walk = along(A.code, B.code, t);
  paint(find('by-net'), decode(desk.walk));
  for (let i = 0; i < PIXELS; i++) mixed[i] = light.A[i] + t * (light.B[i] - light.A[i]);
  paint(find('by-pixels'), mixed);
  const c = along(on_plane(light.A), on_plane(light.B), t), { mean, axes } = desk.net;
  for (let i = 0; i < PIXELS; i++) flat[i] = mean[i] + c[0] * axes[2 * i] + c[1] * axes[2 * i + 1];
  paint(find('by-pca'), flat);
  slider.setAttribute('aria-valuetext', `${slider.value} % of the way from A to B`);
  find('told').textContent = told();
  inset(find('inset'), A.code, B.code, desk.walk, '#2dd4bf');
  tell('walk');
});
slider.addEventListener('input', (event) => { event.stopPropagation(); walk(); });
slider.addEventListener('change', (event) => event.stopPropagation());
element.addEventListener('click', (event) => {
  const name = event.target.closest('[data-put]')?.dataset.put;
  if (!name || !desk.pins) return;
  desk.pins[name] = { ...desk.pins[name], code: desk.at, spread: null, x: null, words: 'put where the point is' };
  tell('pins');
});
watch('value', take);
on('net', () => { take(); ready(); }); on('pins', ready);
take();
