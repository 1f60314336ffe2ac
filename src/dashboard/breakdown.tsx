import { Component, type ReactNode } from 'react';
import { Failure } from './feedback';

interface Props {
  /** Address of the page that is shown. */
  readonly page: string;
  readonly children: ReactNode;
}

interface State {
  readonly words: string | undefined;
  readonly page: string;
}

/** Catches what breaks in a page, so that the frame stays: a file of an older build that is gone after an upgrade, as a rule. */
export class Breakdown extends Component<Props, State> {
  override state: State = { words: undefined, page: this.props.page };

  /** Another page is another attempt. */
  static getDerivedStateFromProps({ page }: Props, state: State): State | null {
    return page === state.page ? null : { words: undefined, page };
  }

  static getDerivedStateFromError(error: unknown): Pick<State, 'words'> {
    return { words: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { words } = this.state;
    if (words === undefined) return this.props.children;
    const reload = () => {
      window.location.reload();
    };
    return <Failure words={`This page cannot be shown: ${words}`} onRetry={reload} />;
  }
}
