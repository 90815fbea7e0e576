import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { memo, useEffect, useState } from 'react';
import type { ListRow } from '../../api/lists';
import { fileAtlasPath } from '../../api/mr';
import { objectPath, parseUri } from '../../api/s3';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';

/** While the cursor runs, pictures that it only passes are not fetched. */
const restTime = 150;
/** Of a picture that is no object of the store, and so is shown by its thumbnail. */
const largest = 512;

function pictureAt(root: string, path: string): string {
  const folder = parseUri(root);
  if (!folder) return fileAtlasPath(root, [path], largest);
  const below = folder.key === '' || folder.key.endsWith('/') ? folder.key : `${folder.key}/`;
  return objectPath(folder.bucket, below + path.replace(/^\/+/, ''));
}

/** The row under the cursor, its picture in full. */
export const RowPanel = memo(function RowPanel({ root, row, names }: { root: string; row: ListRow | undefined; names: ClassNames }) {
  const { t, number } = useI18n();
  const path = row === undefined ? undefined : pictureAt(root, row.Path);
  const [shown, setShown] = useState(path);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setShown(path);
      setBroken(false);
    }, restTime);
    return () => window.clearTimeout(timer);
  }, [path]);
  if (row === undefined) return <Box color="text-body-secondary">{t('lists.noRow')}</Box>;
  return (
    <section className="mr-row-panel" aria-label={t('lists.chosenRow')}>
      {shown === undefined || broken ? (
        <div className="mr-row-picture mr-thumb-none">{broken ? t('lists.noPicture') : ''}</div>
      ) : (
        <img className="mr-row-picture" src={shown} alt={t('lists.pictureOf', { path: row.Path })} onError={() => setBroken(true)} />
      )}
      <KeyValuePairs
        columns={1}
        items={[
          { label: t('lists.path'), value: <span className="mr-wrap">{row.Path}</span> },
          { label: t('lists.labels'), value: names.all(row.Labels) },
          ...(row.Was === undefined ? [] : [{ label: t('lists.before'), value: names.all(row.Was) }]),
          { label: t('lists.index'), value: <span className="mr-number">{String(row.Index)}</span> },
          ...(row.Line === undefined ? [] : [{ label: t('lists.line'), value: <span className="mr-number">{number(row.Line)}</span> }]),
          ...(row.Changed === undefined ? [] : [{ label: t('lists.change'), value: t(`lists.kind.${row.Changed}`) }]),
        ]}
      />
    </section>
  );
});
