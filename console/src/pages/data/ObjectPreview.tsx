import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { objectPath, readObject } from '../../api/s3';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { imageRecords, pictureType, type ImageRecord } from './records';
import { parseRows } from './table';

/** What is read of an object to show its beginning. */
const textBytes = 64 * 1024;
const recordBytes = 2 * 1024 * 1024;
const shownRows = 50;
const shownRecords = 60;

const picture = /\.(jpe?g|png|gif|webp|bmp)$/i;
const records = /\.rec$/i;

function Thumbnail({ record }: { record: ImageRecord }) {
  const { t, measure } = useI18n();
  const type = pictureType(record.image);
  const url = useMemo(() => (type === null ? null : URL.createObjectURL(new Blob([record.image], { type }))), [record, type]);
  useEffect(() => () => {
    if (url !== null) URL.revokeObjectURL(url);
  }, [url]);
  const label = record.labels.map(measure).join(' ');
  return (
    <figure className="mr-thumbnail">
      {url === null ? <div className="mr-no-picture">{t('preview.noPicture')}</div> : <img src={url} alt={t('preview.record', { id: record.id, label })} loading="lazy" />}
      <figcaption>
        {record.id} · {label}
      </figcaption>
    </figure>
  );
}

function Rows({ text, separator, cut, label }: { text: string; separator: ',' | '\t'; cut: boolean; label: string }) {
  const { number } = useI18n();
  const rows = parseRows(text, separator, shownRows, cut);
  const width = Math.max(0, ...rows.map((row) => row.length));
  return (
    <Table
      variant="embedded"
      contentDensity="compact"
      items={rows.map((cells, index) => ({ index, cells }))}
      ariaLabels={{ tableLabel: label }}
      columnDefinitions={[
        { id: 'line', header: '#', cell: (row: { index: number; cells: string[] }) => number(row.index + 1), isRowHeader: true },
        ...Array.from({ length: Math.min(width, 50) }, (_, column) => ({ id: String(column), header: number(column + 1), cell: (row: { index: number; cells: string[] }) => row.cells[column] ?? '' })),
      ]}
    />
  );
}

/** The beginning of an object: the picture, the rows, the pictures in a record file, or its text. */
export function ObjectPreview({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const { t, bytes } = useI18n();
  const isPicture = picture.test(objectKey);
  const isRecords = records.test(objectKey);
  const limit = isRecords ? recordBytes : textBytes;
  const head = useQuery({
    queryKey: ['object-head', bucket, objectKey],
    enabled: !isPicture,
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await readObject(bucket, objectKey, limit, signal);
      const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? 0);
      const data = await response.arrayBuffer();
      return { data, cut: total > data.byteLength };
    },
  });
  if (isPicture) return <img className="mr-preview" src={objectPath(bucket, objectKey)} alt={objectKey} />;
  if (head.isPending) return <Spinner />;
  if (head.isError) return <LoadError what={t('preview.failed')} error={head.error} />;
  const { data, cut } = head.data;
  if (data.byteLength === 0) return <Box color="text-body-secondary">{t('preview.empty')}</Box>;
  if (isRecords) {
    const found = imageRecords(data, shownRecords);
    if (found !== null) {
      return (
        <div>
          <div className="mr-thumbnails">
            {found.map((record) => (
              <Thumbnail key={record.offset} record={record} />
            ))}
          </div>
          <Box variant="small">{t('preview.firstRecords', { count: found.length })}</Box>
        </div>
      );
    }
  }
  const text = new TextDecoder('utf-8', { fatal: false }).decode(data);
  if (text.includes('\0')) return <Alert type="info">{t('preview.binary')}</Alert>;
  const note = cut && <Box variant="small">{t('preview.first', { size: bytes(data.byteLength) })}</Box>;
  if (/\.(csv|lst|tsv)$/i.test(objectKey)) {
    return (
      <>
        <Rows text={text} separator={/\.csv$/i.test(objectKey) ? ',' : '\t'} cut={cut} label={objectKey} />
        {note}
      </>
    );
  }
  return (
    <>
      <pre className="mr-pre" tabIndex={0} role="region" aria-label={objectKey}>
        {text}
      </pre>
      {note}
    </>
  );
}
