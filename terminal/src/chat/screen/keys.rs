//! What keys do.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::state::State;

/// What is left to do after a key has changed the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    None,
    /// The text was changed.
    Typed,
    /// The text is to be sent.
    Send,
    /// So many lines up, or down if negative.
    Scroll(isize),
    /// A window's height up or down.
    ScrollPage {
        up: bool,
    },
    Leave,
    Interrupt,
    /// The program stops until the shell continues it.
    Stop,
}

/// Takes what came from the terminal.
pub(super) fn action(event: &Event, state: &mut State) -> Action {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(*key, state),
        Event::Paste(text) => {
            state.editor.insert(text);
            Action::Typed
        }
        Event::FocusGained => {
            state.is_focused = true;
            Action::None
        }
        Event::FocusLost => {
            state.is_focused = false;
            Action::None
        }
        _ => Action::None,
    }
}

fn pressed(key: KeyEvent, state: &mut State) -> Action {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    if control && let KeyCode::Char(c) = key.code {
        return with_control(c.to_ascii_lowercase(), state);
    }
    let editor = &mut state.editor;
    match key.code {
        KeyCode::Enter if alt || shift => editor.insert("\n"),
        KeyCode::Enter => return Action::Send,
        KeyCode::Char(c) => editor.insert(c.encode_utf8(&mut [0; 4])),
        KeyCode::Backspace if alt || control => editor.delete_word(),
        KeyCode::Backspace => editor.backspace(),
        KeyCode::Delete => editor.delete(),
        KeyCode::PageUp => return Action::ScrollPage { up: true },
        KeyCode::PageDown => return Action::ScrollPage { up: false },
        other => return moved(other, state),
    }
    Action::Typed
}

/// Keys that change nothing but a place.
fn moved(code: KeyCode, state: &mut State) -> Action {
    let editor = &mut state.editor;
    match code {
        KeyCode::Left => editor.left(),
        KeyCode::Right => editor.right(),
        KeyCode::Home => editor.home(),
        KeyCode::End => editor.end(),
        // Beyond its first and last line the text lets the conversation move.
        KeyCode::Up if !editor.up() => return Action::Scroll(1),
        KeyCode::Down if !editor.down() => return Action::Scroll(-1),
        KeyCode::Esc => {
            state.scroll = 0;
            state.unread = None;
        }
        _ => {}
    }
    Action::None
}

fn with_control(c: char, state: &mut State) -> Action {
    let editor = &mut state.editor;
    match c {
        'c' => return Action::Interrupt,
        'z' => return Action::Stop,
        'd' if editor.is_empty() => return Action::Leave,
        'd' => editor.delete(),
        // What terminals send for Ctrl-Enter and Ctrl-J.
        'j' => editor.insert("\n"),
        'w' => editor.delete_word(),
        'u' => editor.delete_to_line_start(),
        'h' => editor.backspace(),
        'a' => {
            editor.home();
            return Action::None;
        }
        'e' => {
            editor.end();
            return Action::None;
        }
        _ => return Action::None,
    }
    Action::Typed
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn press(state: &mut State, code: KeyCode, modifiers: KeyModifiers) -> Action {
        action(&Event::Key(KeyEvent::new(code, modifiers)), state)
    }

    fn state() -> State {
        State::new("ops".to_owned(), TimeZone::UTC)
    }

    #[test]
    fn enter_sends_and_alt_enter_begins_a_line() {
        let mut state = state();
        press(&mut state, KeyCode::Char('a'), KeyModifiers::NONE);
        press(&mut state, KeyCode::Enter, KeyModifiers::ALT);
        press(&mut state, KeyCode::Char('B'), KeyModifiers::SHIFT);
        assert_eq!(state.editor.text(), "a\nB");
        let sent = press(&mut state, KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(sent, Action::Send);
    }

    #[test]
    fn arrows_scroll_where_the_text_has_no_further_line() {
        let mut state = state();
        state.editor.insert("a\nb");
        let up = |state: &mut State| press(state, KeyCode::Up, KeyModifiers::NONE);
        assert_eq!(up(&mut state), Action::None);
        assert_eq!(up(&mut state), Action::Scroll(1));
    }

    #[test]
    fn control_d_leaves_only_when_nothing_is_written() {
        let mut state = state();
        let end = |state: &mut State| press(state, KeyCode::Char('d'), KeyModifiers::CONTROL);
        assert_eq!(end(&mut state), Action::Leave);
        state.editor.insert("a");
        assert_ne!(end(&mut state), Action::Leave);
        assert_eq!(
            press(&mut state, KeyCode::Char('c'), KeyModifiers::CONTROL),
            Action::Interrupt
        );
    }

    #[test]
    fn a_paste_sends_nothing() {
        let mut state = state();
        assert_eq!(
            action(&Event::Paste("a\nb\n".to_owned()), &mut state),
            Action::Typed
        );
        assert_eq!(state.editor.text(), "a\nb\n");
    }
}
