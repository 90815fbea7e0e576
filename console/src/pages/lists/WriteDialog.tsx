import SpaceBetween from '@cloudscape-design/components/space-between';
import { useRef, useState, type ReactNode } from 'react';
import { getList, type Edit, type Side } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import type { ClassNames } from './classNames';
import { ConflictTable } from './ConflictTable';
import { conflictsOf, settlement, type Choices, type Conflicts } from './conflicts';

interface Properties {
  readonly title: string;
  readonly action: string;
  /** What the action is called once rows in conflict are put to choice. */
  readonly mergeAction: string;
  /** Id of the list that is written. */
  readonly list: string;
  readonly names: ClassNames;
  readonly children: ReactNode;
  /** Writes; `take` settles what is in conflict. */
  readonly write: (take: Side | undefined) => Promise<void>;
  /** Changes what is to be written; left out where only one side can be taken for all rows. */
  readonly edit?: (edits: readonly Edit[]) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Writes changes into a list. Where it was changed meanwhile, rows that both changed are put to choice. */
export function WriteDialog({ title, action, mergeAction, list, names, children, write, edit, onClose }: Properties) {
  const [conflicts, setConflicts] = useState<Conflicts | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const held = useRef<Choices>({});
  const confirm = async (): Promise<void> => {
    if (conflicts === null) return write(undefined);
    // Only rows that were on the screen are settled so: a list that has changed once more is asked about once more.
    const current = (await getList(list)).Version === conflicts.version;
    const { take, edits } = settlement(conflicts, choices, held.current);
    if (edit && edits.length > 0) {
      await edit(edits);
      held.current = choices;
    }
    return write(current ? take : undefined);
  };
  return (
    <Confirm
      title={title}
      action={conflicts ? mergeAction : action}
      size={conflicts ? 'large' : 'medium'}
      onClose={onClose}
      onConfirm={confirm}
      takes={(error) => {
        const found = conflictsOf(error);
        if (!found) return false;
        // What the draft now has of a row is "yours" from here on.
        held.current = {};
        setConflicts(found);
        setChoices({});
        return true;
      }}
    >
      <SpaceBetween size="m">
        {children}
        {conflicts && <ConflictTable conflicts={conflicts} names={names} choices={choices} onChoose={setChoices} together={edit === undefined} />}
      </SpaceBetween>
    </Confirm>
  );
}
