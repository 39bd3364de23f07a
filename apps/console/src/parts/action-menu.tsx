import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { ReactElement } from 'react';

type Props<Step extends string> = {
  readonly label: string;
  /** What it says to readers of screens, where the same menu is in every row. */
  readonly of?: string;
  readonly steps: readonly Step[];
  readonly word: (step: Step) => string;
  readonly onStep: (step: Step) => void;
};

/** A button that opens what can be done to one thing. Each step opens a dialog, so its word ends in an ellipsis. */
export const ActionMenu = <Step extends string>({ label, of, steps, word, onStep }: Props<Step>): ReactElement => (
  <Menu>
    <MenuTrigger disableButtonEnhancement>
      <Button size="small" {...(of === undefined ? {} : { 'aria-label': of })}>
        {label}
      </Button>
    </MenuTrigger>
    <MenuPopover>
      <MenuList>
        {steps.map((step) => (
          <MenuItem key={step} onClick={() => onStep(step)}>
            {word(step)}…
          </MenuItem>
        ))}
      </MenuList>
    </MenuPopover>
  </Menu>
);
