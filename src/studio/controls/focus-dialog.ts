/** For `onOpenAutoFocus`: the dialog itself gets the focus, not the first control in it. */
export function focusDialog(event: Event): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).focus();
}
