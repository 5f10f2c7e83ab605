//! A part of the page that is painted again only when what it is painted from has changed.
//!
//! One Yew component serves all parts: each component of its own would bring several kilobytes of
//! generated code, and a part needs of it only that it is skipped while nothing changed.
//!
//! * A part has no state and no hooks; whoever needs those is a component.
//!
//! Architecture invariant: knows no part.

use std::any::Any;
use std::rc::Rc;

use yew::prelude::*;

/// What a part is painted from.
pub trait Paint: PartialEq + 'static {
    /// Paints it.
    fn paint(&self) -> Html;
}

/// A part in its place.
pub fn part<P: Paint>(from: P) -> Html {
    html! { <Part from={Shared(Rc::new(from))} /> }
}

/// A part among others like it.
pub fn keyed<P: Paint>(key: u64, from: P) -> Html {
    html! { <Part {key} from={Shared(Rc::new(from))} /> }
}

trait AnyPaint {
    fn paint(&self) -> Html;
    fn as_any(&self) -> &dyn Any;
    fn same(&self, other: &dyn Any) -> bool;
}

impl<P: Paint> AnyPaint for P {
    fn paint(&self) -> Html {
        Paint::paint(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<P>().is_some_and(|other| self == other)
    }
}

#[derive(Clone)]
struct Shared(Rc<dyn AnyPaint>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(other.0.as_any())
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PartProps {
    from: Shared,
}

#[component]
fn Part(props: &PartProps) -> Html {
    props.from.0.paint()
}
