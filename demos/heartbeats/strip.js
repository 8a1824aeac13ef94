const choose = (target) => {
  const beat = target.closest && target.closest('[data-beat]');
  if (!beat) return false;
  element.querySelectorAll('.wl-heartbeats-chosen').forEach((b) => b.classList.remove('wl-heartbeats-chosen'));
  beat.classList.add('wl-heartbeats-chosen');
  trigger('click', {beat: Number(beat.dataset.beat)});
  return true;
};
element.addEventListener('click', (event) => choose(event.target));
element.addEventListener('keydown', (event) => {
  if ((event.key === 'Enter' || event.key === ' ') && choose(event.target)) event.preventDefault();
});
