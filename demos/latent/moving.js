// The dots of the test pictures while a net learns: from each report to the next they glide.
const canvas = element.querySelector('canvas'), words = element.querySelector('p'), GLIDE = 240, SIDE_PX = 520;
let from = null, to = null, kind = null, began = 0;

const half = (code) => Math.max(3, 1.05 * code.reduce((most, c) => Math.max(most, Math.abs(c)), 0));
const draw = (code) => {
  const pen = canvas.getContext('2d'), reach = half(code), radius = 4;
  canvas.width = canvas.height = SIDE_PX;
  const { names, colours } = props.value, members = names.map(() => []);
  for (let i = 0; i < kind.length; i++) {
    const [u, v] = [(code[2 * i] + reach) / (2 * reach), (reach - code[2 * i + 1]) / (2 * reach)];
    members[kind[i]].push([u, v]);
    pen.beginPath(); pen.arc(SIDE_PX * u, SIDE_PX * v, radius, 0, 7); pen.fillStyle = `${colours[kind[i]]}d0`; pen.fill();
  }
  name_kinds(pen, SIDE_PX, members, names, colours);
};
const glide = () => {
  if (!to || !element.isConnected) return;
  const t = Math.min(1, (performance.now() - began) / GLIDE);
  draw(from.map((c, i) => c + t * (to[i] - c)));
  if (t < 1) requestAnimationFrame(glide);
};
const take = () => {
  const { value } = props;
  element.firstElementChild.hidden = !value;
  if (!value) { to = null; return; }
  const code = numbers(value.code), still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  kind = bytes(value.kind);
  from = !still && to?.length === code.length ? to : code; to = code; began = performance.now();
  words.textContent = value.words;
  canvas.dataset.step = value.step;
  requestAnimationFrame(glide);
};
watch('value', take);
take();
