// What the score has asked for: handed to the desk.
watch('value', () => {
  const { value } = props;
  if (!value || value.key !== desk.reading?.key) return;
  if (value.choices) { desk.offer = value; tell('offer'); } else { desk.nots = value.nots; tell('nots'); }
});
