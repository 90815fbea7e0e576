import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { previewOf, recordAtlas, type ListRow, type Preview, type PreviewRecord } from '../../api/mr';
import { objectPath } from '../../api/s3';
import { LoadError } from '../../components/ErrorText';
import { Thumbnails } from '../../components/Thumbnails';
import { useI18n } from '../../i18n/I18n';

/** Thumbnails of one preview, as many as one atlas holds. */
const shownRecords = 100;
const thumbnailSize = 96;
const shownColumns = 50;

function Records({ place, records }: { place: string; records: readonly PreviewRecord[] }) {
  const { t, tn, measure } = useI18n();
  const shown = records.slice(0, shownRecords);
  const atlas = useQuery({ queryKey: ['atlas', place], retry: false, gcTime: 0, queryFn: ({ signal }) => recordAtlas(place, 0, shown.length, thumbnailSize, signal) });
  if (atlas.isPending) return <Spinner />;
  if (atlas.isError) return <LoadError what={t('preview.failed')} error={atlas.error} />;
  if (atlas.data === null) return null;
  return (
    <>
      <Thumbnails
        atlas={atlas.data}
        size={thumbnailSize}
        items={shown.map((record) => {
          const label = (record.Labels ?? []).map(measure).join(' ');
          const id = record.Id ?? record.n;
          return { key: String(record.n), caption: `${id} · ${label}`, label: t('preview.record', { id, label }) };
        })}
      />
      <Box variant="small">{tn('preview.firstRecords', shown.length)}</Box>
    </>
  );
}

function Cells({ rows, headings, label }: { rows: readonly (readonly string[])[]; headings: readonly string[]; label: string }) {
  const { number } = useI18n();
  return (
    <div className="mr-cells" role="region" tabIndex={0} aria-label={label}>
      <Table
        variant="embedded"
        contentDensity="compact"
        items={rows.map((cells, index) => ({ index, cells }))}
        ariaLabels={{ tableLabel: label }}
        columnDefinitions={[
          { id: 'line', header: '#', cell: (row: { index: number; cells: readonly string[] }) => number(row.index + 1), isRowHeader: true },
          ...headings.slice(0, shownColumns).map((heading, column) => ({ id: String(column), header: heading, cell: (row: { index: number; cells: readonly string[] }) => row.cells[column] ?? '' })),
        ]}
      />
    </div>
  );
}

function isListRow(row: readonly string[] | ListRow): row is ListRow {
  return !Array.isArray(row);
}

function Content({ preview, place, bucket, objectKey }: { preview: Preview; place: string; bucket: string; objectKey: string }) {
  const { t, number, bytes } = useI18n();
  const text = (shown: string): React.ReactNode => (
    <pre className="mr-pre" tabIndex={0} role="region" aria-label={objectKey}>
      {shown}
    </pre>
  );
  switch (preview.Kind) {
    case 'image':
      return <img className="mr-preview" src={objectPath(bucket, objectKey)} alt={t('preview.picture', { name: objectKey, width: number(preview.Width ?? 0), height: number(preview.Height ?? 0) })} />;
    case 'records':
      return <Records place={place} records={preview.Records ?? []} />;
    case 'protobuf':
      return (
        <Cells
          label={objectKey}
          headings={[t('preview.labels'), t('preview.values')]}
          rows={(preview.Records ?? []).map((record) => [(record.Labels ?? []).join(' '), (record.Values ?? []).join(' ')])}
        />
      );
    case 'list':
      return (
        <Cells
          label={objectKey}
          headings={[t('preview.index'), t('preview.labels'), t('files.path')]}
          rows={(preview.Rows ?? []).filter(isListRow).map((row) => [String(row.index), Array.isArray(row.labels) ? row.labels.join(' ') : JSON.stringify(row.labels), row.path])}
        />
      );
    case 'table': {
      const rows = (preview.Rows ?? []).filter((row): row is readonly string[] => !isListRow(row));
      const width = Math.max(0, ...rows.map((row) => row.length));
      return <Cells label={objectKey} headings={Array.from({ length: width }, (_, column) => number(column + 1))} rows={rows} />;
    }
    case 'archive':
      return <Cells label={objectKey} headings={[t('common.name'), t('common.size')]} rows={(preview.Members ?? []).map((member) => [member.Name, bytes(member.Bytes)])} />;
    case 'lines':
      return text((preview.Lines ?? []).join('\n'));
    case 'text':
      return preview.Bytes === 0 ? <Box color="text-body-secondary">{t('preview.empty')}</Box> : text(preview.Text ?? '');
    case 'binary':
      return text(preview.Head ?? '');
  }
}

/** The beginning of an object as what it is: the picture, rows, pictures in a record file, members of an archive, text. */
export function ObjectPreview({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const { t } = useI18n();
  const place = `s3://${bucket}/${objectKey}`;
  const preview = useQuery({ queryKey: ['preview', place], retry: false, queryFn: ({ signal }) => previewOf(place, signal) });
  if (preview.isPending) return <Spinner />;
  if (preview.isError) return <LoadError what={t('preview.failed')} error={preview.error} onRetry={() => void preview.refetch()} />;
  return (
    <SpaceBetween size="s">
      {preview.data.Problem !== undefined && (
        <Alert type="warning">
          <span className="mr-wrap">{preview.data.Problem}</span>
        </Alert>
      )}
      <Content preview={preview.data} place={place} bucket={bucket} objectKey={objectKey} />
      {preview.data.Sampled !== undefined && <Box variant="small">{t('preview.sampled')}</Box>}
    </SpaceBetween>
  );
}
