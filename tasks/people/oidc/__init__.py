"""Single sign-on by OpenID Connect: who somebody is, is said by the organisation's own identity provider."""
