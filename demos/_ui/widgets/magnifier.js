const place = () => {
  const frame = element.querySelector('.wl-frame');
  if (!frame) return;
  const [x, y] = (props.value || '0.5 0.5').split(' ').map(Number), [w, h] = props.frame;
  frame.style.width = 100 * w + '%'; frame.style.height = 100 * h + '%';
  frame.style.left = 100 * Math.min(Math.max(0, x - w / 2), 1 - w) + '%';
  frame.style.top = 100 * Math.min(Math.max(0, y - h / 2), 1 - h) + '%';
};
const keep = (x) => Math.min(1, Math.max(0, x));
const move = (x, y) => { props.value = keep(x).toFixed(4) + ' ' + keep(y).toFixed(4); place(); };
const at = (event) => {
  const box = element.querySelector('.wl-magnifier-picture').getBoundingClientRect();
  move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
};
let dragging = false;
element.addEventListener('pointerdown', (event) => {
  const picture = event.target.closest('.wl-magnifier-picture');
  if (!picture) return;
  dragging = true; picture.setPointerCapture(event.pointerId); at(event); event.preventDefault();
});
element.addEventListener('pointermove', (event) => { if (dragging) at(event); });
const lift = () => { if (dragging) { dragging = false; trigger('input'); } };
element.addEventListener('pointerup', lift);
element.addEventListener('pointercancel', lift);
element.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step || !event.target.closest('.wl-frame')) return;
  event.preventDefault();
  const [x, y] = (props.value || '0.5 0.5').split(' ').map(Number), [w, h] = props.frame;
  move(x + step[0] * w / 2, y + step[1] * h / 2);
  trigger('input');
  element.querySelector('.wl-frame').focus();
});
watch('value', place); watch('shown', place); watch('frame', place);
place();
