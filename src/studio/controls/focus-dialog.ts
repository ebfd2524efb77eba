/** For `onOpenAutoFocus`: focuses the dialog itself instead of its first control. */
export function focusDialog(event: Event): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).focus();
}
