// The reparametrisation in the hand: one ε that stands still, and σ to pull; z = μ + σ ε, and the garment follows.
const find = (name) => element.querySelector(`.wl-latent-${name}`);
const slider = find('pull');
let noise = [0.9, -0.7], touched = false;

const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const own = () => desk.pins.A.spread || spread_at(desk.pins.A.code).spread;
const most = () => desk.net.window.half / Math.max(...own());  // times σ, to the edge of what is shown
// the slider's travel is a power of ten each third, since σ is small where the net is sure
const times = () => (slider.value <= 0 ? 0 : most() * 10 ** (2 * (slider.value / 100 - 1)));
const travel = (k) => Math.max(0, Math.min(100, 100 * (1 + Math.log10(k / most()) / 2)));
const signed = (value) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
const pull = each_frame(() => {
  if (!desk.net || !desk.pins) return;
  const mean = desk.pins.A.code, sigma = own().map((s) => s * times()), z = mean.map((m, i) => m + sigma[i] * noise[i]);
  if (touched) desk.noisy = { mean, sigma, z };
  paint(find('drawn'), decode(z));
  find('sum').textContent = [0, 1].map((i) => `${signed(z[i])} = ${signed(mean[i])} + ${sigma[i].toPrecision(2)} × ${noise[i] < 0 ? `(${signed(noise[i])})` : signed(noise[i])}`).join('\n');
  find('factor').textContent = `σ is ${times().toPrecision(2)} times the net’s own (${own().map((s) => s.toPrecision(2)).join(' and ')}).`;
  slider.setAttribute('aria-valuetext', `${times().toPrecision(2)} times the net’s own σ`);
  inset(find('inset'), mean, z, z, '#fb923c');
  tell('noise');
});
const rest = () => { if (desk.net && desk.pins) { slider.value = travel(1); pull(); } };
slider.addEventListener('input', (event) => { event.stopPropagation(); touched = true; pull(); });
slider.addEventListener('change', (event) => event.stopPropagation());
element.addEventListener('click', (event) => {
  const what = event.target.closest('[data-noise]')?.dataset.noise;
  if (!what) return;
  touched = true;
  if (what === 'another') { noise = [normal(), normal()]; pull(); } else rest();
});
on('net', () => { touched = false; rest(); }); on('pins', () => { if (touched) pull(); else rest(); });
rest();
