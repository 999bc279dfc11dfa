"""Sentences that other rooms write down as they are, named here so that they can be retold."""

from django.utils.translation import gettext_noop

SENTENCES = (
    # How builds end.
    gettext_noop("It was cancelled."),
    gettext_noop("It was cancelled on the build server."),
    gettext_noop("It failed on the build server."),
    gettext_noop("It did not end within {limit}."),
    gettext_noop("It ended well, and its package could not be fetched."),
    gettext_noop("The build server took none of {orders} orders."),
    gettext_noop("The commit is that of {version}."),
    gettext_noop("Force the build if you need it again."),
    gettext_noop("The commit {asked} was asked for, and the server builds {built}."),
    gettext_noop("Build the ref again, or ask for it alone."),
    # What came of what webhooks told.
    gettext_noop("Nothing to ask."),
    gettext_noop("The build is known."),
    gettext_noop("The build is ours."),
    gettext_noop("No build of this ref becomes a version."),
    gettext_noop("It became {version}."),
    gettext_noop("Its ref is not among those that are built (refs)."),
    # What tests of build servers find.
    gettext_noop("The test failed inside Slipway."),
    gettext_noop("Read the worker's log."),
    gettext_noop("There is no GitLab at {address}."),
    gettext_noop("Give the address under which its pages begin, without /api or a project."),
    gettext_noop("GitLab {version} answers at {address}."),
    gettext_noop("Its certificate is trusted."),
    gettext_noop("The token crosses the network unencrypted."),
    gettext_noop("Let GitLab speak https, and change its address here."),
    gettext_noop("The token is accepted; GitLab does not say what it may do."),
    gettext_noop("The token “{name}” is accepted, has the scopes {scopes}, and does not expire."),
    gettext_noop("The token “{name}” is accepted, has the scopes {scopes}, and expires on {day}."),
    gettext_noop("Make a token with the scope api: builds are started by it."),
    gettext_noop("The project {name} is visible."),
    gettext_noop("CI/CD is switched off in {name}."),
    gettext_noop("Switch CI/CD on in the project's settings."),
    gettext_noop("GitLab does not say which role the token has in {name}."),
    gettext_noop("With the role {role} it can start pipelines in {name}."),
    gettext_noop("With the role {role} it cannot start pipelines in {name}."),
    gettext_noop("Give the token's user the role Developer in {name}."),
    gettext_noop("The project lets the token set no pipeline variables."),
    gettext_noop(
        "Under CI/CD settings, Variables, lower the role that may use pipeline variables."
    ),
    gettext_noop("The variables of pipelines cannot be read"),
    gettext_noop(
        "A build whose start went unanswered is found by them: give the token's user a higher role."
    ),
    gettext_noop("The variables of pipelines can be read."),
    gettext_noop("A runner is online for {name}."),
    gettext_noop("No runner is online for {name}."),
    gettext_noop("Pipelines will wait: start a runner, or share one with it."),
    gettext_noop("{name} is Jenkins {version}."),
    gettext_noop("It takes the credential of {user}."),
    gettext_noop("The credential goes to it unencrypted."),
    gettext_noop("Give its https address, if it has one: else anybody on the way can read it."),
    gettext_noop("It asks for no crumbs."),
    gettext_noop("It gives crumbs, should it ask for them."),
    gettext_noop("{project} is there."),
    gettext_noop("{project} is there, with a job for each branch."),
    gettext_noop("{project} is disabled."),
    gettext_noop("Enable it in Jenkins."),
    gettext_noop("{project} declares the parameters that are needed."),
    gettext_noop("The form to build {project} opens."),
    gettext_noop("Whether it may be sent (Job/Build), some versions say only when it is."),
    gettext_noop("Commands run as user {user}."),
    gettext_noop(
        "Commands run as root: whoever may change a repository may do all on this worker."
    ),
    gettext_noop("Configure a build user for the worker."),
    gettext_noop("Commands run as {user}, as Slipway itself: they can read its keys."),
    gettext_noop(
        "Build only what you trust like Slipway, or run the worker as root: it gives commands a"
        " user of their own."
    ),
    gettext_noop("{folder} has {room} GiB free."),
    gettext_noop("A build may take as much as its size_limit (4 GiB unless said otherwise)."),
    gettext_noop("{url} can be read; its HEAD is {commit}."),
)
