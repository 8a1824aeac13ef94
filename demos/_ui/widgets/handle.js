let at = 50, dragging = false;
const show = () => {
  const box = element.querySelector('.wl-handle-pictures'), slider = element.querySelector('.wl-handle input');
  if (!box) return;
  box.style.setProperty('--wl-at', `${at}%`);
  slider.value = at;
  slider.setAttribute('aria-valuetext', `${props.value.names[0]} on the left ${Math.round(at)} %, ${props.value.names[1]} on the rest`);
};
const move = (event) => {
  const box = element.querySelector('.wl-handle-pictures').getBoundingClientRect();
  at = Math.min(100, Math.max(0, 100 * (event.clientX - box.left) / box.width));
  show();
};
element.addEventListener('pointerdown', (event) => {
  const box = event.target.closest('.wl-handle-pictures');
  if (!box || event.button) return;
  dragging = true; box.setPointerCapture(event.pointerId); move(event);
  event.preventDefault(); box.querySelector('input').focus({ preventScroll: true });
});
element.addEventListener('pointermove', (event) => { if (dragging) move(event); });
const lift = () => { dragging = false; };
element.addEventListener('pointerup', lift);
element.addEventListener('pointercancel', lift);
element.addEventListener('input', (event) => {  // keys, and whatever else moves a slider
  if (event.target.closest('.wl-handle') && !dragging) { at = Number(event.target.value); show(); event.stopPropagation(); }
});
watch('value', show);
show();
