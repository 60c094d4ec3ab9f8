// In which languages the page speaks to its reader, as the server wrote it on the document: `both`, `zh` or `en`. Words that
// belong to one page come with it; these are for what the scripts themselves have to say.

const spoken = document.documentElement.dataset.language ?? 'both';

/** Chinese with English behind it, or only one of them. */
export function plain(zh, en) {
  if (spoken === 'zh') return zh || en;
  return spoken === 'en' ? en || zh : [zh, en].filter(Boolean).join(' ');
}

/** One of the two where place is scarce: the Chinese, unless the page is in English. */
export const brief = (zh, en) => (spoken === 'en' ? en || zh : zh || en);
