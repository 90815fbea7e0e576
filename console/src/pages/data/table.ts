/** Rows of separated values, RFC 4180's quotes included; a last line that may be cut short is left out when `cut`. */
export function parseRows(text: string, separator: ',' | '\t', limit: number, cut: boolean): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < limit; ++i) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        ++i;
      } else quoted = false;
    } else if (c === '"' && field === '' && separator === ',') quoted = true;
    else if (c === separator) {
      row.push(field);
      field = '';
    } else if (c === '\n') {
      row.push(field.replace(/\r$/, ''));
      rows.push(row);
      row = [];
      field = '';
    } else field += c;
  }
  if (!cut && rows.length < limit && (field !== '' || row.length > 0)) rows.push([...row, field]);
  return rows;
}
