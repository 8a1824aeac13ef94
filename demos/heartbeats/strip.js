const paper = () => element.querySelector('.wl-heartbeats-paper');
const overview = () => element.querySelector('.wl-heartbeats-overview');

// a beat is chosen by a click, or by Enter; the arrow keys go from beat to beat
const choose = (target) => {
  const beat = target.closest && target.closest('[data-beat]');
  if (!beat) return false;
  element.querySelectorAll('.wl-heartbeats-chosen').forEach((b) => b.classList.remove('wl-heartbeats-chosen'));
  element.querySelectorAll('[data-beat] rect').forEach((r) => r.setAttribute('tabindex', beat.contains(r) ? 0 : -1));
  beat.classList.add('wl-heartbeats-chosen');
  trigger('click', {beat: Number(beat.dataset.beat)});
  return true;
};
const step = (target, by) => {
  const beat = target.closest && target.closest('[data-beat]');
  const next = beat && element.querySelector(`[data-beat="${Number(beat.dataset.beat) + by}"] rect`);
  next?.focus();
  return Boolean(next);
};
element.addEventListener('click', (event) => choose(event.target));
element.addEventListener('keydown', (event) => {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  const done = by ? step(event.target, by) : (event.key === 'Enter' || event.key === ' ') && choose(event.target);
  if (done) event.preventDefault();
});

// below the paper lies all of it in small: a frame shows what is in view, and a click or a drag moves it
const frame = () => {
  const [view, small] = [paper(), overview()];
  if (!view || !small) return;
  const mark = small.querySelector('i');
  mark.style.left = `${100 * view.scrollLeft / view.scrollWidth}%`;
  mark.style.width = `${100 * Math.min(1, view.clientWidth / view.scrollWidth)}%`;
};
const move = (event) => {
  const [view, box] = [paper(), overview().getBoundingClientRect()];
  view.scrollLeft = view.scrollWidth * (event.clientX - box.left) / box.width - view.clientWidth / 2;
};
element.addEventListener('pointerdown', (event) => {
  if (!event.target.closest('.wl-heartbeats-overview')) return;
  overview().setPointerCapture(event.pointerId);
  move(event);
});
element.addEventListener('pointermove', (event) => {
  if (event.buttons && event.target.closest?.('.wl-heartbeats-overview')) move(event);
});
element.addEventListener('scroll', frame, true);
window.addEventListener('resize', frame);

// new paper opens on the beat that is looked at
const opened = () => {
  const chosen = element.querySelector('.wl-heartbeats-chosen rect');
  if (chosen && paper()) paper().scrollLeft = chosen.x.baseVal.value - paper().clientWidth / 2;
  frame();
};
new MutationObserver(opened).observe(element, {childList: true, subtree: true});
new ResizeObserver(opened).observe(element);
