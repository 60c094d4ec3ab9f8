// Chinese for everything form-js says, unless the page is in English. A text without an entry is counted, so that a test can
// name it.

import { brief } from '../language.js';

const zh = {
  'Field is required.': '此项必填。',
  'Field must match pattern {value}.': '格式不正确，应符合 {value}。',
  'Field must have minimum value of {value}.': '不能小于 {value}。',
  'Field must have maximum value of {value}.': '不能大于 {value}。',
  'Field must have minimum length of {value}.': '至少填写 {value} 个字符。',
  'Field must have maximum length of {value}.': '最多填写 {value} 个字符。',
  'Field must be a valid international phone number. (e.g. +4930664040900)': '请填写带国际区号的电话号码，例如 +8613800000000。',
  'Field must be a valid email.': '请填写有效的电子邮箱。',
  'Min validation value is not a valid number.': '最小值的设置不是有效数字。',
  'Max validation value is not a valid number.': '最大值的设置不是有效数字。',
  'Value is not a number.': '请填写数字。',
  'Value is expected to be an integer.': '请填写整数。',
  'Value is expected to have at most 1 decimal digit.': '最多一位小数。',
  'Value is expected to have at most {value} decimal digits.': '最多 {value} 位小数。',
  'Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.':
    '请填写有效的数值，最接近的是 {previousValue} 和 {nextValue}。',
  'Date and time must both be entered.': '日期和时间须同时填写。',
  'No content to show.': '没有可显示的内容。',
  "External content couldn't be loaded.": '外部内容无法加载。',
  'Increment': '增加',
  'Decrement': '减少',
  'Skip to search': '跳到搜索',
  'Remove tag': '移除标签',
  'Search': '搜索',
  'No results': '没有结果',
  'All values selected': '已全部选择',
  'Nothing to show.': '没有数据。',
  '{page} of {total}': '第 {page} 页，共 {total} 页',
  'Previous page': '上一页',
  'Next page': '下一页',
  'Click to sort by {value} descending': '按 {value} 降序排列',
  'Click to sort by {value} ascending': '按 {value} 升序排列',
  'Click to remove sorting': '取消排序',
  'No files selected': '未选择文件',
  '{value} files selected': '已选择 {value} 个文件',
  'Document reference is not defined.': '没有指定文件。',
  'Unable to download document': '文件无法下载',
  'Download {fileName}': '下载 {fileName}',
  'Add new': '新增一行',
  'Expand all ({value})': '全部展开（{value}）',
  'Collapse': '收起',
  "binding path '{value}' is already claimed": '字段路径 {value} 重复'
};

export const missing = new Set();

function translate(template, replacements = {}) {
  if (!(template in zh)) missing.add(template);
  return brief(zh[template], template).replace(/{([^}]+)}/g, (_, key) => String(replacements[key] ?? `{${key}}`));
}

export default { translate: ['value', translate] };
