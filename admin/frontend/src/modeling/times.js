// Times as the editors say them.

/** The time of day in Beijing, with the day where that is another than today's. What is not a time is left as it is. */
export function clock(at) {
  if (!at || !/^\d{4}-\d\d-\d\dT/.test(at)) return at ?? '';
  const parts = (when) => Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Shanghai', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'
    }).formatToParts(when).map(({ type, value }) => [type, value])
  );
  const then = parts(new Date(at));
  const today = parts(new Date());
  const day = then.month === today.month && then.day === today.day ? '' : `${then.month}-${then.day} `;
  return `${day}${then.hour}:${then.minute}`;
}

