import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Channel } from '../../generated/sagemaker';
import { shapes } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { ChannelCard } from './ChannelCard';
import { emptyChannel } from './draft';
import { channelField, shortMessage, stepOf } from './problems';
import { sourceOf } from './source';
import type { StepProps } from './StepProps';

const limit = shapes.InputDataConfig.max;

export function ChannelsStep({ draft, set, algorithm, problems }: StepProps) {
  const { t } = useI18n();
  const channels = draft.request.InputDataConfig ?? [];
  // A card without a source yet is open.
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set(channels.flatMap((channel, index) => (sourceOf(channel) === '' ? [index] : []))));
  const change = (next: readonly Channel[]): void => set({ InputDataConfig: [...next] });
  const toggle = (index: number, isOpen: boolean): void => {
    const next = new Set(open);
    if (isOpen) next.add(index);
    else next.delete(index);
    setOpen(next);
  };
  const missing = (algorithm?.Channels ?? []).filter((wanted) => !channels.some((channel) => channel.ChannelName === wanted.Name));
  const add = (name: string): void => {
    change([...channels, emptyChannel(name)]);
    setOpen(new Set([...open, channels.length]));
  };
  const general = problems.filter((problem) => stepOf(problem) === 'input' && !channels.some((channel, index) => problem.Field.startsWith(channelField(index)) || problem.Field.includes(`'${channel.ChannelName}'`)));
  const next = missing.find((wanted) => wanted.Required) ?? missing.find((wanted) => wanted.Name === 'train') ?? missing[0];
  return (
    <SpaceBetween size="l">
      {general.map((problem) => (
        <Alert key={problem.Field + problem.Message} type="error">
          <span className="mr-wrap">{shortMessage(problem.Message)}</span>
        </Alert>
      ))}
      {channels.map((channel, index) => (
        <ChannelCard
          key={index}
          index={index}
          channel={channel}
          names={channels.map((one) => one.ChannelName)}
          known={algorithm?.Channels ?? []}
          defaultMode={draft.request.AlgorithmSpecification?.TrainingInputMode ?? 'File'}
          open={open.has(index)}
          onOpen={(isOpen) => toggle(index, isOpen)}
          problems={problems}
          onChange={(changed) => change(channels.map((old, i) => (i === index ? changed : old)))}
          onRemove={() => {
            change(channels.filter((_, i) => i !== index));
            setOpen(new Set([...open].filter((i) => i !== index).map((i) => (i > index ? i - 1 : i))));
          }}
        />
      ))}
      <Container header={<Header variant="h3" counter={`(${channels.length}/${limit})`}>{t('create.moreChannels')}</Header>}>
        <SpaceBetween size="s">
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <Button iconName="add-plus" onClick={() => add(next?.Name ?? '')} disabled={channels.length >= limit}>
              {t('create.addChannel')}
            </Button>
            {missing.map((wanted) => (
              <Button key={wanted.Name} variant="inline-link" ariaLabel={t('create.addNamed', { name: wanted.Name })} onClick={() => add(wanted.Name)} disabled={channels.length >= limit}>
                {wanted.Required ? `${wanted.Name} *` : wanted.Name}
              </Button>
            ))}
          </SpaceBetween>
          <Box variant="small">{channels.length >= limit ? t('create.channelLimit', { max: limit }) : t('create.channelHint')}</Box>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
