import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';
import type { ChannelDelivery, ChannelUsage } from '../../api/mr';
import { StoreLink } from '../../components/StoreLink';
import type { Channel } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';

/** Where a channel's bytes come from. */
function Source({ channel }: { channel: Channel }) {
  const { S3DataSource: s3, FileSystemDataSource: files } = channel.DataSource;
  if (s3) {
    return (
      <>
        <StoreLink uri={s3.S3Uri} /> <Box variant="small">{[s3.S3DataType, s3.S3DataDistributionType].filter((word) => word !== undefined).join(', ')}</Box>
      </>
    );
  }
  if (files) {
    return (
      <>
        {files.FileSystemId}:{files.DirectoryPath} <Box variant="small">{`${files.FileSystemType}, ${files.FileSystemAccessMode}`}</Box>
      </>
    );
  }
  return <>–</>;
}

/** A figure and, below it, what it is made of; a dash where nobody has measured it. */
function Figure({ value, exact, notes = [] }: { value: string | undefined; exact?: string | undefined; notes?: readonly (string | undefined)[] }) {
  return (
    <span className="mr-number">
      <span title={exact}>{value ?? '–'}</span>
      {notes.map((note) => note !== undefined && <Box key={note} variant="small" display="block">{note}</Box>)}
    </span>
  );
}

/** What has been delivered; its own cells, so that each says what it does not know. */
function Delivered({ delivery }: { delivery: ChannelDelivery | undefined }) {
  const { t, tn, bytes } = useI18n();
  const { Bytes: amount, Measured: measured, Hosts: hosts } = delivery ?? {};
  if (amount === undefined) return <Figure value={undefined} />;
  return (
    <Figure
      value={bytes(amount)}
      exact={tn('channel.exactBytes', amount)}
      notes={[measured && t(`channel.measured.${measured}`), hosts !== undefined && hosts > 1 ? tn('channel.hosts', hosts) : undefined]}
    />
  );
}

function Records({ delivery }: { delivery: ChannelDelivery | undefined }) {
  const { t, tn, number } = useI18n();
  const { Records: records, Passes: passes, RecordsPerPass: perPass, RecordsPerSecond: rate } = delivery ?? {};
  return (
    <Figure
      value={records === undefined ? undefined : number(records)}
      notes={[
        passes !== undefined && passes > 0 && perPass !== undefined ? tn('channel.passes', passes, { records: number(perPass) }) : undefined,
        rate === undefined ? undefined : t('channel.recordRate', { records: number(Number(rate.toPrecision(3))) }),
      ]}
    />
  );
}

function Throughput({ delivery }: { delivery: ChannelDelivery | undefined }) {
  const { t, bytes } = useI18n();
  const { BytesPerSecond: mean, BytesPerSecondNow: now } = delivery ?? {};
  const rate = (value: number): string => t('channel.rate', { bytes: bytes(Math.round(value)) });
  if (now !== undefined) return <Figure value={rate(now)} notes={[mean === undefined ? undefined : t('channel.meanRate', { rate: rate(mean) })]} />;
  return <Figure value={mean === undefined ? undefined : t('channel.meanRate', { rate: rate(mean) })} />;
}

function Waits({ delivery }: { delivery: ChannelDelivery | undefined }) {
  const { t, percent } = useI18n();
  const { ReaderWaited: reader, WriterWaited: writer } = delivery ?? {};
  return (
    <Figure
      value={reader === undefined ? undefined : t('channel.readerWaited', { share: percent(reader) })}
      notes={[writer === undefined ? undefined : t('channel.writerWaited', { share: percent(writer) })]}
    />
  );
}

/** Channels as asked for, with the size of what they read and what they have delivered so far. */
export function ChannelsTable({ channels, usage }: { channels: readonly Channel[]; usage: readonly ChannelUsage[] }) {
  const { t, bytes, number } = useI18n();
  const of = (channel: Channel): ChannelUsage | undefined => usage.find((one) => one.Name === channel.ChannelName);
  const measured = (channel: Channel, member: 'Objects' | 'Bytes', format: (value: number) => string): React.ReactNode => {
    const source = of(channel)?.Source;
    const value = source?.[member];
    return <Figure value={value === undefined ? undefined : `${source?.More ? '> ' : ''}${format(value)}`} />;
  };
  return (
    <Table
      variant="embedded"
      items={channels}
      trackBy="ChannelName"
      wrapLines
      ariaLabels={{ tableLabel: t('job.channels') }}
      columnDefinitions={[
        { id: 'name', header: t('channel.name'), cell: (channel) => channel.ChannelName, isRowHeader: true },
        { id: 'source', header: t('channel.source'), cell: (channel) => <Source channel={channel} />, minWidth: 220 },
        {
          id: 'mode',
          header: t('jobs.mode'),
          cell: (channel) => (
            <>
              {of(channel)?.Mode ?? channel.InputMode ?? '–'} <Box variant="small" display="block">{channel.ContentType}</Box>
            </>
          ),
        },
        { id: 'objects', header: t('channel.objects'), cell: (channel) => measured(channel, 'Objects', number) },
        { id: 'bytes', header: t('channel.bytes'), cell: (channel) => measured(channel, 'Bytes', bytes), minWidth: 90 },
        { id: 'delivered', header: t('channel.delivered'), cell: (channel) => <Delivered delivery={of(channel)?.Delivered} />, minWidth: 150 },
        { id: 'records', header: t('channel.records'), cell: (channel) => <Records delivery={of(channel)?.Delivered} />, minWidth: 150 },
        { id: 'throughput', header: t('channel.throughput'), cell: (channel) => <Throughput delivery={of(channel)?.Delivered} />, minWidth: 130 },
        { id: 'waits', header: t('channel.waits'), cell: (channel) => <Waits delivery={of(channel)?.Delivered} />, minWidth: 170 },
      ]}
      empty={t('job.noChannels')}
    />
  );
}
