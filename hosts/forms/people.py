"""What was typed of a person in; a checked, still unsaved person out."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm
from unfold.forms import UserChangeForm, UserCreationForm

from hosts.models import User


class PersonForm(UserChangeForm):  # type: ignore[misc]  # unfold has no types
    """A person that is there."""

    class Meta:
        model = User
        fields = "__all__"


class NewPersonForm(UserCreationForm):  # type: ignore[misc]  # unfold has no types
    """A new person with a password to begin with."""

    class Meta:
        model = User
        fields = ("email", "name", "is_staff", "groups", "all_organizations", "organizations", "must_change_password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name, value in (("must_change_password", True), ("is_staff", True)):
            if name in self.fields:
                self.fields[name].initial = value

    def clean_email(self) -> str:
        """As it is kept: in lower case, and nobody else's."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            self.add_error("email", self.instance.unique_error_message(User, ("email",)))
        return email

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """The row, unsaved; the service hashes the password."""
        person: User = ModelForm.save(self, commit=False)
        return person
