// Two people have saved the same file: what is here, or what is there. Nothing is thrown away before somebody has said so.

import { button } from '../keeping.js';
import { plain } from '../language.js';
import { clock } from './times.js';

/**
 * Ask what becomes of the text here. theirs: { saved_at, saved_by } of what stands on the server; lost: there is nothing to
 * take and nothing to write over, only an own draft to make. Returns one of { take: true }, { overwrite: true },
 * { copy: the name of the own draft }, or {} for whoever decides later.
 */
export function settle({ theirs, lost, draft, file }) {
  const dialog = document.createElement('dialog');
  dialog.className = 'ask';
  dialog.setAttribute('aria-labelledby', 'conflict-title');
  const title = element('h2', lost ? plain('另存为自己的草稿', 'Keep as an own draft') : plain('这份文件有两个版本', 'There are two versions of this file'));
  Object.assign(title, { id: 'conflict-title', tabIndex: -1 });
  const name = document.createElement('input');
  Object.assign(name, { className: 'text', maxLength: 120, value: plain(`${draft.name}（我的修改）`, `${draft.name} (mine)`), required: true });
  const field = document.createElement('label');
  field.className = 'field';
  field.append(element('span', plain('自己的草稿叫什么', 'What the own draft is called')), name);
  return new Promise((resolve) => {
    const answer = (choice) => () => {
      dialog.returnValue = JSON.stringify(choice());
      dialog.close(dialog.returnValue);
    };
    const copy = button(plain('保留我的，存为自己的草稿', 'Keep mine as an own draft'), () => {
      if (name.reportValidity()) answer(() => ({ copy: name.value.trim() || draft.name }))();
    }, 'button main');
    const footer = element('footer');
    if (!lost) {
      footer.append(
        button(plain('用对方的', 'Take theirs'), answer(() => ({ take: true })), 'button'),
        button(plain('用我的覆盖', 'Overwrite with mine'), answer(() => ({ overwrite: true })), 'button danger')
      );
    }
    footer.append(copy);
    const later = button(plain('先不处理', 'Later'), answer(() => ({})), 'button small');
    dialog.append(title, element('p', sentence(theirs, lost, file)), field, footer, later);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(JSON.parse(dialog.returnValue || '{}'));
    });
    document.body.append(dialog);
    dialog.showModal();
    title.focus();
  });
}

function sentence({ saved_at: at, saved_by: who }, lost, file) {
  if (lost) {
    return plain(
      `“${file.name}”的修改存到一份自己的草稿里，原来的草稿不变。`,
      `The changes to ${file.name} go into a draft of your own; the other draft stays as it is.`
    );
  }
  return plain(
    `您修改期间，${who || '别人'}于 ${clock(at) || '刚才'} 保存了“${file.name}”。您的修改还没有保存，也没有丢失。`,
    `While you were editing, ${who || 'somebody else'} saved ${file.name} at ${clock(at) || 'this moment'}. Your changes are not saved, and not lost.`
  );
}

function element(tag, text = '') {
  return Object.assign(document.createElement(tag), { textContent: text });
}
