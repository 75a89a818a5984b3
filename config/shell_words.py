"""What the shell (django-unfold, Django) says in no or in poor Korean: named here, so that our catalogue holds it.

The sentences are msgids and have to stay letter for letter what the templates of the pinned version hold.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

SHELL = (
    # the frame of a page
    gettext_noop("Welcome back to"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("General"),
    gettext_noop("All applications"),
    gettext_noop("Return to site"),
    gettext_noop("Go back"),
    gettext_noop("More actions"),
    # the palette
    gettext_noop("Type to search"),
    gettext_noop("Search apps and models..."),
    gettext_noop("No results matching your query"),
    gettext_noop("No results found"),
    gettext_noop("Loading more results..."),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    # lists
    gettext_noop("Select record"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select all rows"),
    gettext_noop("Select value"),
    gettext_noop("Run"),
    gettext_noop("Expand row"),
    gettext_noop("Apply Filters"),
    gettext_noop("Reset filters"),
    gettext_noop("Value"),
    gettext_noop("Date"),
    gettext_noop("From"),
    gettext_noop("To"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("True"),
    gettext_noop("False"),
    gettext_noop("No data"),
    gettext_noop("Not enough data."),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    # people and roles
    gettext_noop("groups"),
    gettext_noop("permissions"),
    # forms
    gettext_noop("Add row"),
    gettext_noop("Add new item"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Click to cancel"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Click to download"),
    gettext_noop("Submit"),
    gettext_noop("Save and add another"),
    gettext_noop("Save and continue editing"),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can "
        "verify you typed it in correctly."
    ),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the "
        'password using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
)
FOUND = ngettext_lazy(
    "\n                Found %(counter)s result in %(time)s seconds\n            ",
    "\n                Found %(counter)s results in %(time)s seconds\n            ",
    "counter",
)
