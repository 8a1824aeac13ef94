// What a click on the shape does: look there, bite a ball off, or fill one in. Its value is what was done, for the net to answer.
const MOST = 60;
const hand_over = () => {
  props.value = { key: desk.key, strokes: desk.strokes };
  reshape(); mark(); trigger('input');
};
const mark = () => {
  for (const button of element.querySelectorAll('[data-mode]')) button.setAttribute('aria-pressed', String(button.dataset.mode === desk.mode));
  for (const name of ['undo', 'again']) element.querySelector(`[data-${name}]`).disabled = !desk.strokes.length;
  element.querySelector('[data-here]').disabled = desk.mode === 'look';
  element.querySelector('output').textContent = `${desk.radius} voxels, ${(desk.radius * desk.millimetres).toFixed(0)} mm`;
  const n = desk.strokes.length;
  element.querySelector('.wl-volumes-strokes').textContent = n >= MOST ? `${MOST} balls are as many as the net is asked about: take some back.`
    : n ? `${n === 1 ? 'One ball' : `${n} balls`}: ${desk.shape.voxels.toLocaleString('en')} voxels are left.` : '';
};
const touch = (place) => {
  if (desk.mode === 'look' || desk.strokes.length >= MOST) return;
  desk.strokes = [...desk.strokes, [...place.map((a) => Math.round(a)), desk.radius, desk.mode === 'fill' ? 1 : 0]];
  hand_over();
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !desk.shape) return;
  if (button.dataset.mode) { desk.mode = button.dataset.mode; mark(); }
  if (button.hasAttribute('data-here')) touch(desk.cross);
  if (button.hasAttribute('data-undo')) { desk.strokes = desk.strokes.slice(0, -1); hand_over(); }
  if (button.hasAttribute('data-again')) { desk.strokes = []; hand_over(); }
});
element.addEventListener('input', (event) => {
  if (!event.target.closest('input[type=range]')) return;
  event.stopPropagation(); desk.radius = Number(event.target.value); mark();
});
on('touched', () => touch(desk.touched));
on('volume', mark);
mark();
