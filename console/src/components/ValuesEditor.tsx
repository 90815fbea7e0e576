import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useI18n } from '../i18n/I18n';

interface Properties {
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Record<string, string>) => void;
  readonly addText: string;
  readonly emptyText: string;
}

interface Row {
  readonly name: string;
  readonly value: string;
}

/** Names and values of one's own. Rows without a name are kept on the screen and left out of what is told. */
export function ValuesEditor({ values, onChange, addText, emptyText }: Properties) {
  const { t } = useI18n();
  const [rows, setRows] = useState<readonly Row[]>(() => Object.entries(values).map(([name, value]) => ({ name, value })));
  const change = (next: readonly Row[]): void => {
    setRows(next);
    onChange(Object.fromEntries(next.filter((row) => row.name !== '').map((row) => [row.name, row.value])));
  };
  const replace = (index: number, row: Row): void => change(rows.map((old, i) => (i === index ? row : old)));
  return (
    <AttributeEditor
      items={[...rows]}
      addButtonText={addText}
      removeButtonText={t('common.remove')}
      empty={emptyText}
      onAddButtonClick={() => setRows([...rows, { name: '', value: '' }])}
      onRemoveButtonClick={({ detail }) => change(rows.filter((_, i) => i !== detail.itemIndex))}
      definition={[
        { label: t('common.name'), control: (row, index) => <Input value={row.name} ariaLabel={t('common.name')} onChange={({ detail }) => replace(index, { ...row, name: detail.value })} /> },
        {
          label: t('common.value'),
          control: (row, index) => <Input value={row.value} ariaLabel={t('common.value')} onChange={({ detail }) => replace(index, { ...row, value: detail.value })} />,
          errorText: (_, index) => (rows.some((row, i) => i < index && row.name !== '' && row.name === rows[index]?.name) ? t('values.duplicate') : undefined),
        },
      ]}
    />
  );
}
