"""Why a right ended and why a request was refused: one closed set, each member with its words in both languages.

Problem+json, the screens, the journal, its file, the metrics and the log all take code and words from here; the screens
through `frontend/src/i18n/causes.ts`, which is generated. A code never changes: ledgers hold it. What an act's record
tells is `recorded_acts`'s; why a camera gives no pictures is not told here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from belvedere.domain.text import Text


@dataclass(frozen=True, slots=True)
class Words:
    """A short title; the sentence and the way out where they are the same each time, else None."""

    title: Text
    detail: Text | None
    remedy: Text | None

    @property
    def sentence(self) -> Text:
        """Return the detail, or the title where there is none."""
        return self.detail or self.title


_REOPEN = Text("Rouvrir la caméra.", "Open the camera again.")
_CALL_ADMINISTRATOR = Text("Appeler l'administrateur.", "Call the administrator.")
_TRY_AGAIN = Text(
    "Réessayer ; si cela dure, appeler l'administrateur.", "Try again; if it lasts, call the administrator."
)


class Cause(StrEnum):
    """Why something ended or was refused. The value is the code; `words` are for people."""

    words: Words

    def __new__(cls, code: str, title: Text, detail: Text | None = None, remedy: Text | None = None) -> Self:
        """Make a member that equals its code and carries its words."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.words = Words(title, detail, remedy)
        return member

    @classmethod
    def read(cls, code: str) -> "Cause":
        """Return the cause that a kept record or another program names; `UNKNOWN` for a code of no member."""
        return _BY_CODE.get(code, cls.UNKNOWN)

    # A viewing ended, and no rule refused it.

    CLOSED = (
        "closed",
        Text("Vue fermée", "Viewing closed"),
        Text("Image fermée.", "Picture closed."),
    )
    SESSION_ENDED = (
        "session-ended",
        Text("Session terminée", "Session over"),
        Text("La session est terminée.", "The session is over."),
        Text("Se reconnecter.", "Sign in again."),
    )
    TICKET_LAPSED = (
        "ticket-lapsed",
        Text("Image jamais prise", "Picture never taken"),
        Text("L'image n'a pas été prise dans les 30 s.", "The picture was not taken within 30 s."),
        _REOPEN,
    )
    SOCKET_LOST = (
        "socket-lost",
        Text("Liaison avec le poste perdue", "Link to the station lost"),
        Text("La liaison avec le poste est perdue.", "The link to the station is lost."),
        _REOPEN,
    )
    UNREAD = (
        "unread",
        Text("Images que le poste ne prend plus", "Pictures that the station no longer takes"),
        Text("Le poste ne prend plus les images.", "The station no longer takes the pictures."),
        _REOPEN,
    )
    FLOOD = (
        "flood",
        Text("Messages que personne n'attend du poste", "Messages that nobody expects of the station"),
        Text(
            "Le poste a envoyé des messages que personne n'attend de lui.",
            "The station sent messages that nobody expects of it.",
        ),
        _CALL_ADMINISTRATOR,
    )
    SOURCE_LOST = (
        "source-lost",
        Text("Caméra perdue", "Camera lost"),
        Text("La caméra ne donne plus d'image.", "The camera gives no picture any more."),
        _REOPEN,
    )
    CAMERA_REMOVED = (
        "camera-removed",
        Text("Caméra retirée du système", "Camera taken out of the system"),
        Text("La caméra n'est plus reliée au système.", "The camera is no longer connected to the system."),
        _CALL_ADMINISTRATOR,
    )
    PREEMPTED = (
        "pre-empted",
        Text("Flux pris par un service prioritaire", "Stream taken by a service with priority"),
    )
    EXPIRED = (
        "expired",
        Text("Vue non confirmée à temps par le serveur", "Viewing not confirmed in time by the server"),
        Text("La décision n'a pas été confirmée à temps.", "The decision was not confirmed in time."),
        _REOPEN,
    )
    RESTART = (
        "restart",
        Text("Serveur redémarré", "Server restarted"),
        Text("Le système a redémarré.", "The system was restarted."),
        _REOPEN,
    )
    LINK_LOST = (
        "link-lost",
        Text("Liaison avec l'autre nœud perdue", "Link to the other node lost"),
        Text("La liaison avec le nœud de l'autre partie est coupée.", "The link to the other party's node is cut."),
        _REOPEN,
    )
    NOT_HELD = (
        "not-held",
        Text("Vue que l'autre nœud ne tient plus", "Viewing that the other node no longer holds"),
        Text(
            "Le nœud de l'autre partie ne tient plus cette vue.", "The other party's node no longer holds this viewing."
        ),
        _REOPEN,
    )
    CAME_LATE = (
        "came-late",
        Text("Accord inscrit trop tard", "Grant written too late"),
        Text("Le journal a répondu trop tard.", "The journal answered too late."),
        _REOPEN,
    )
    INTERNAL = (
        "internal",
        Text("Incident du serveur", "Server incident"),
        Text("L'image s'est arrêtée par une faute du système.", "The picture stopped by a fault of the system."),
        _REOPEN,
    )

    # The relay tells a viewer so when it closes a socket by itself; the viewing may live on.

    REPLACED = (
        "replaced",
        Text("Image reprise dans une autre fenêtre", "Picture taken up in another window"),
    )
    DEADLINE = (
        "deadline",
        Text("Décision non confirmée à temps", "Decision not confirmed in time"),
    )
    TICKET = (
        "ticket",
        Text("Accès à l'image inconnu ou déjà pris", "Access to the picture unknown or already used"),
    )
    CONNECTION_LOST = (
        "connection-lost",
        Text("Liaison coupée", "Connection lost"),
    )
    CLOSED_BY_VIEWER = (
        "closed-by-viewer",
        Text("Image fermée au poste", "Picture closed at the station"),
    )
    RELAY_STOPS = (
        "relay-stops",
        Text("Le système s'arrête", "The system is stopping"),
    )

    # A rule refuses, or no longer grants; the sentence is the rule's own, with its articles.

    STRANGER = "stranger", Text("Partie étrangère à la convention", "Party outside the convention")
    NOT_HABILITATED = (
        "not-habilitated",
        Text("Sans habilitation en cours", "Without a habilitation in force"),
        Text(
            "Vous n'avez pas d'habilitation en cours : rien ne s'ouvre ni ne se lit sans elle.",
            "You have no habilitation in force: nothing is opened or read without it.",
        ),
        Text(
            "Faire renouveler l'habilitation par votre chef de service.",
            "Have your head of service renew the habilitation.",
        ),
    )
    STATION_UNREGISTERED = (
        "station-unregistered",
        Text("Poste non enregistré ou radié", "Station not registered, or struck off"),
        Text(
            "Ce poste n'est pas, ou n'est plus, un lieu de visionnage enregistré par votre organisation.",
            "This station is not, or is no longer, a viewing place registered by your organisation.",
        ),
        Text(
            "Se connecter depuis un poste enregistré, ou faire enregistrer celui-ci par le superviseur.",
            "Sign in at a registered station, or have the supervisor register this one.",
        ),
    )
    OUT_OF_SCOPE = "out-of-scope", Text("Caméra hors de la convention", "Camera outside the convention")
    ORDER_EXPIRED = "order-expired", Text("Arrêté expiré", "Order expired")
    AUTHORISATION_WITHDRAWN = "authorisation-withdrawn", Text("Autorisation retirée", "Authorisation withdrawn")
    SUSPENDED = "suspended", Text("Flux suspendu", "Stream suspended")
    NO_EVENT = "no-event", Text("Sans événement", "Without an event")
    EVENT_CLOSED = (
        "event-closed",
        Text("Événement clos", "Event closed"),
        Text("Cet événement est clos ; il ne change plus.", "This event is closed; it changes no more."),
        Text("Ouvrir un nouvel événement.", "Open a new event."),
    )
    EVENT_KIND = (
        "event-kind",
        Text("Nature d'événement qui n'ouvre pas ce droit", "Kind of event that does not open this right"),
    )
    PURPOSE = "purpose", Text("Finalité non prévue", "Purpose not provided for")
    QUOTA = "quota", Text("Tous les flux sont pris", "All streams are taken")
    NO_RECORDING = "no-recording", Text("Enregistrement exclu", "Recording excluded")
    NO_REQUISITION = "no-requisition", Text("Sans réquisition complète", "Without a complete requisition")
    NO_PTZ = "no-ptz", Text("Caméra fixe", "Fixed camera")
    NOT_NOTIFIED = "not-notified", Text("Sans information préalable", "Without prior notification")
    OWNER_STEERS = "owner-steers", Text("Le propriétaire pilote", "The owner steers")
    NOT_IN_FORCE = "not-in-force", Text("Convention sans effet ce jour", "Convention not in force that day")
    SILENT = "silent", Text("Le texte ne le prévoit pas", "The text does not provide for it")
    RULE_ERROR = "rule-error", Text("Règle en défaut", "Faulty rule")

    # The node refuses by itself, whatever the convention would answer.

    NOT_OFFERED = "not-offered", Text("Pas encore offert", "Not offered yet")
    OWNER_AWAY = (
        "owner-away",
        Text("Propriétaire de la caméra injoignable", "Camera's owner not reached"),
        Text(
            "Le nœud du propriétaire de la caméra ne répond pas : rien ne s'ouvre sans sa décision.",
            "The node of the camera's owner does not answer: nothing is opened without its decision.",
        ),
        Text("Réessayer ; si cela dure, appeler son centre.", "Try again; if it lasts, call its room."),
    )
    FOREIGN_EVENT = "foreign-event", Text("Événement d'une autre organisation", "Another organisation's event")

    CREW_ENGAGED = (
        "crew-engaged",
        Text("Équipage engagé sur place", "Crew engaged there"),
        Text(
            "Un équipage du propriétaire est engagé sur place : le responsable de salle garde la main sur cette caméra.",
            "A crew of the owner is engaged there: the room chief keeps this camera.",
        ),
        Text("Demander à la salle de la tourner pour vous.", "Ask the room to turn it for you."),
    )
    NO_VIEWING = (
        "no-viewing",
        Text("Sans l'image de cette caméra", "Without this camera's picture"),
        Text("On ne pilote pas une caméra sans la regarder.", "Nobody steers a camera without watching it."),
        Text("Ouvrir d'abord son image.", "Open its picture first."),
    )
    STEERED = (
        "steered",
        Text("Quelqu'un de prioritaire pilote", "Somebody with priority steers"),
        Text(
            "Quelqu'un qui a la priorité pilote déjà cette caméra.", "Somebody with priority is steering this camera."
        ),
        Text("L'appeler, ou choisir une caméra voisine.", "Call it, or choose a camera nearby."),
    )

    # A lease, or the asking for one, is over, and no rule refused it.

    RELEASED = (
        "released",
        Text("Pilotage rendu", "Steering given back"),
        Text("Le pilotage a été rendu.", "Steering was given back."),
    )
    HANDED_ON = (
        "handed-on",
        Text("Pilotage laissé à un collègue", "Steering left to a colleague"),
        Text("Un collègue a demandé la caméra, et l'a reçue.", "A colleague asked for the camera, and has it."),
        Text("La lui redemander.", "Ask for it back."),
    )
    HOLDER_KEEPS = (
        "holder-keeps",
        Text("Le collègue garde la caméra", "The colleague keeps the camera"),
        Text("Le collègue qui pilote garde la caméra.", "The colleague who steers keeps the camera."),
        Text("Demander au superviseur de l'attribuer.", "Ask the supervisor to assign it."),
    )
    TAKEN_BY_CHIEF = (
        "taken-by-chief",
        Text("Pilotage pris par le responsable de salle", "Steering taken by the room chief"),
        Text("Le responsable de salle a pris cette caméra.", "The room chief took this camera."),
    )
    TAKEN_BY_SERVICE = (
        "taken-by-service",
        Text("Pilotage pris par un service prioritaire", "Steering taken by a service with priority"),
        Text("Un service prioritaire a pris cette caméra.", "A service with priority took this camera."),
        Text("L'appeler.", "Call it."),
    )
    LEASE_MAXIMUM = (
        "lease-maximum",
        Text("Durée de pilotage écoulée", "Longest duration of steering over"),
        Text("Le pilotage dure 30 minutes au plus.", "Steering lasts 30 minutes at most."),
        Text("Le redemander.", "Ask for it again."),
    )
    LEASE_IDLE = (
        "lease-idle",
        Text("Pilotage sans mouvement", "Steering without a movement"),
        Text("La caméra n'a pas été tournée pendant deux minutes.", "The camera was not turned for two minutes."),
        Text("Le redemander.", "Ask for it again."),
    )
    HEARTBEAT_LOST = (
        "heartbeat-lost",
        Text("Poste qui pilote sans image", "Steering station without a picture"),
        Text("Le poste qui pilote n'a plus l'image.", "The station that steers has no picture any more."),
        Text("Rouvrir l'image, puis redemander le pilotage.", "Open the picture again, then ask to steer again."),
    )
    FOREIGN_MOVEMENT = (
        "foreign-movement",
        Text("Caméra tournée par son propriétaire", "Camera turned by its owner"),
        Text(
            "Le propriétaire a tourné la caméra dans son propre système.",
            "The owner turned the camera in its own system.",
        ),
        Text("Appeler sa salle.", "Call its room."),
    )

    VIEWING_OVER = (
        "viewing-over",
        Text("Image fermée pendant le pilotage", "Picture closed while steering"),
        Text(
            "L'image pour laquelle la caméra était pilotée est fermée.",
            "The picture for which it was steered is closed.",
        ),
        Text("Rouvrir l'image, puis redemander le pilotage.", "Open the picture again, then ask to steer again."),
    )
    STEERING_REFUSED = (
        "steering-refused",
        Text("Pilotage refusé par la salle", "Steering refused by the room"),
    )
    STEERING_WITHDRAWN = (
        "steering-withdrawn",
        Text("Autorisation de piloter retirée", "Authorisation to steer withdrawn"),
    )
    STEERING_LAPSED = (
        "steering-lapsed",
        Text("Autorisation de piloter échue", "Authorisation to steer over"),
        Text("L'autorisation de piloter est échue.", "The authorisation to steer is over."),
        Text("La redemander.", "Ask for it again."),
    )
    STEERING_DENIED = (
        "steering-denied",
        Text("Accord oral démenti", "Oral agreement denied"),
        Text(
            "Celui à qui l'accord oral était attribué dit ne pas l'avoir donné.",
            "Whoever the oral agreement was ascribed to says that they did not give it.",
        ),
        Text("Demander une autorisation.", "Ask for an authorisation."),
    )

    # A command to a camera is not carried out.

    LEASE_ONLY_ASKED = (
        "lease-only-asked",
        Text("Pilotage seulement demandé", "Steering only asked for"),
        Text("Le pilotage est demandé, et pas encore accordé.", "Steering is asked for, and not granted yet."),
    )
    LEASE_OVER = (
        "lease-over",
        Text("Pilotage terminé", "Steering over"),
        Text("Vous ne pilotez plus cette caméra.", "You no longer steer this camera."),
        Text("Le redemander.", "Ask for it again."),
    )
    FORMER_FENCE = (
        "former-fence",
        Text("Ordre d'un pilotage précédent", "Command of an earlier steering"),
        Text("Cet ordre vient d'un pilotage précédent.", "This command is of an earlier steering."),
    )

    # A decision as a problem: the cause beside it says which rule.

    REFUSED = "refused", Text("Refusé par la convention", "Refused by the convention")
    PENDING = "pending", Text("En attente d'un accord", "Waiting for an agreement")

    # An act or a question is not for whoever asks, or not from where they ask.

    ROLE = (
        "role",
        Text("Pas avec ce rôle", "Not with this role"),
        Text(
            "Cet acte revient à un autre rôle de votre organisation.",
            "This act belongs to another role of your organisation.",
        ),
        Text("S'adresser au responsable de salle ou à la direction.", "Turn to the room chief or the director."),
    )
    STANDING_ENDED = (
        "standing-ended",
        Text("Accès terminé", "Access ended"),
        Text(
            "Votre habilitation ou l'enregistrement de votre poste a pris fin.",
            "Your habilitation, or the registration of your station, has ended.",
        ),
        Text("S'adresser au responsable de salle ou à la direction.", "Turn to the room chief or the director."),
    )
    NOT_SIGNED_IN = (
        "not-signed-in",
        Text("Non connecté", "Not signed in"),
        Text("La session est absente ou terminée.", "The session is absent or over."),
        Text("Se connecter.", "Sign in."),
    )
    WRONG_PASSWORD = (
        "wrong-password",
        Text("Identifiant ou mot de passe incorrect", "Wrong login or password"),
        Text(
            "Aucun compte n'a cet identifiant avec ce mot de passe.",
            "No account has this login with this password.",
        ),
        Text(
            "Vérifier la saisie ; sinon s'adresser à son superviseur.",
            "Check what was typed; else turn to your supervisor.",
        ),
    )
    WRONG_PIN = (
        "wrong-pin",
        Text("Identifiant ou code personnel incorrect", "Wrong login or personal code"),
        Text(
            "Aucun agent de votre organisation n'a cet identifiant avec ce code.",
            "No agent of your organisation has this login with this code.",
        ),
        Text(
            "Vérifier la saisie ; sinon quitter le poste et se connecter par mot de passe.",
            "Check what was typed; else leave the post and sign in by password.",
        ),
    )
    WAIT = (
        "wait",
        Text("Trop d'essais", "Too many attempts"),
        None,
        Text("Attendre, puis réessayer.", "Wait, then try again."),
    )
    NOT_BY_PIN = (
        "not-by-pin",
        Text("Rôle à prendre par mot de passe", "A role that is taken by password"),
        Text(
            "Un code ne relève qu'un agent du même rôle, ou un opérateur à son pupitre.",
            "A PIN relieves an agent of the same role, or an operator at the desk.",
        ),
        Text("Quitter le poste, puis se connecter.", "Sign out, then sign in."),
    )
    ORIGIN = (
        "origin",
        Text("Origine refusée", "Origin refused"),
        Text("La demande ne vient pas des écrans de ce nœud.", "The request does not come from this node's screens."),
        Text("Ouvrir l'adresse de l'application.", "Open the application's address."),
    )
    OWN_STATION = (
        "own-station",
        Text("C'est votre poste", "This is your station"),
        Text(
            "Radier le poste où vous êtes fermerait ses images et votre session.",
            "Striking off the station where you sit would close its pictures and your session.",
        ),
        Text("Le radier d'un autre poste.", "Strike it off from another station."),
    )
    OTHER_SERVICE = (
        "other-service",
        Text("Poste d'un autre service", "Another service's station"),
        None,
        Text("S'adresser à la direction.", "Turn to the direction."),
    )
    OTHER_SERVICES_EVENT = (
        "other-services-event",
        Text("Événement d'un autre service", "Another service's event"),
        Text(
            "Le motif d'un événement revient à qui l'a ouvert, et aux agents de son service.",
            "An event's motive is given by whoever opened it, and by the agents of its service.",
        ),
        Text("Demander au service qui l'a ouvert de le compléter.", "Ask the service that opened it to complete it."),
    )
    OWN_HABILITATION = (
        "own-habilitation",
        Text("Votre propre habilitation", "Your own habilitation"),
        Text("Nul ne met fin à sa propre habilitation.", "Nobody ends their own habilitation."),
        Text("Demander à un autre responsable.", "Ask another supervisor."),
    )
    OWN_NOTE = (
        "own-note",
        Text("C'est votre consigne", "This is your own note"),
        Text("La relève la lit et le dit.", "The relief reads it and says so."),
    )
    NOT_ASKED = (
        "not-asked",
        Text("Plus demandé", "No longer asked"),
        Text(
            "Cet accord n'est plus demandé, ou ne tient plus.",
            "This agreement is no longer asked for, or no longer stands.",
        ),
    )
    DEPUTY_TERM = (
        "deputy-term",
        Text("Suppléance trop longue ou passée", "Deputy's term out of bounds"),
        Text(
            "Un suppléant est désigné pour un an au plus, et pas dans le passé.",
            "A deputy is named for a year at most, and not in the past.",
        ),
    )
    CAMERA_SILENT = (
        "camera-silent",
        Text("Caméra sans réponse", "Camera without an answer"),
        Text("La caméra ne dit pas ce qu'elle sait faire.", "The camera does not say what it can do."),
    )
    LOOK_OVER = (
        "look-over",
        Text("Observation close", "Look over"),
        Text(
            "Cette observation a déjà été faite ou déclinée.",
            "This look has been done or declined already.",
        ),
    )
    AUTHORISATION_TERM = (
        "authorisation-term",
        Text("Accord hors des bornes", "Agreement out of bounds"),
        Text(
            "Un accord vaut douze heures au plus, et pas dans le passé.",
            "An agreement lasts twelve hours at most, and not in the past.",
        ),
        Text("Choisir un autre terme.", "Choose another term."),
    )
    GIVERS_ROLE = (
        "givers-role",
        Text("Accord que ce rôle ne donne pas", "Agreement that this role does not give"),
        Text(
            "L'accord oral vient d'un agent du propriétaire dont le rôle le donne.",
            "An oral agreement comes from an agent of the owner whose role gives it.",
        ),
        Text("Appeler le responsable de salle ou la direction.", "Call the room chief or the director."),
    )
    OWN_WORD = (
        "own-word",
        Text("Votre propre accord", "Your own agreement"),
        Text("Nul n'inscrit son propre accord oral.", "Nobody writes down their own oral agreement."),
        Text("Le donner à l'écran.", "Give it on the screen."),
    )
    OFF_DUTY = (
        "off-duty",
        Text("Hors service", "Off duty"),
        Text("Le responsable de salle nommé n'est pas en service.", "The room chief named is not on duty."),
        Text("Appeler celui qui est en service, ou la direction.", "Call the one on duty, or the director."),
    )
    ORAL_TIME = (
        "oral-time",
        Text("Accord oral trop ancien, ou à venir", "Oral agreement too old, or yet to come"),
        Text(
            "Un accord oral s'inscrit dans le quart d'heure où il est donné.",
            "An oral agreement is written down within a quarter of an hour of being given.",
        ),
        Text("Le redemander.", "Ask for it again."),
    )
    ANOTHERS_WORD = (
        "anothers-word",
        Text("Accord d'un autre", "Somebody else's agreement"),
        Text("Seul celui qui a donné un accord oral le confirme.", "Only whoever gave an oral agreement confirms it."),
        Text("Le laisser à la relève.", "Leave it on the handover page."),
    )
    FIXED_HOURS = (
        "fixed-hours",
        Text("Horaires fixés par le texte", "Hours fixed by the text"),
        Text(
            "Seuls les horaires des dimanches et jours fériés peuvent être modifiés par le propriétaire seul.",
            "The owner alone can vary only the hours of Sundays and public holidays.",
        ),
        Text("Faire signer un texte modifié par les deux parties.", "Have both parties sign a changed text."),
    )
    NOT_SIGNED = (
        "not-signed",
        Text("Texte non signé", "Text not signed"),
        None,
        Text("Faire signer cette empreinte par chaque partie.", "Have each party sign this hash."),
    )
    NOTHING_TO_CONFIRM = (
        "nothing-to-confirm",
        Text("Rien à confirmer", "Nothing to confirm"),
        Text(
            "Aucun partenaire n'attend que le journal soit confirmé : un témoin l'a vu, ou il est contredit.",
            "No partner waits for the journal to be confirmed: a witness saw it, or it is contradicted.",
        ),
        None,
    )
    ALREADY_REPLACED = (
        "already-replaced",
        Text("Texte déjà remplacé", "Text already replaced"),
        Text(
            "Ce texte a été en vigueur, puis remplacé : une partie seule ne le fait pas revenir.",
            "This text was in force, then replaced: one party alone does not bring it back.",
        ),
        Text("Faire signer un nouveau texte.", "Have a new text signed."),
    )
    KEYS_UNFIT = (
        "keys-unfit",
        Text("Clés refusées", "Keys refused"),
    )
    SECOND_PERSON = (
        "second-person",
        Text("Une seconde personne est nécessaire", "A second person is needed"),
    )

    # A request that is malformed, too large, or asks for what there is not.

    NOT_FOUND = (
        "not-found",
        Text("Introuvable", "Not found"),
        Text(
            "Rien ne porte cet identifiant ici, ou ce n'est pas à vous.",
            "Nothing has this identifier here, or it is not yours.",
        ),
        Text("Vérifier l'identifiant.", "Check the identifier."),
    )
    BAD_REQUEST = (
        "bad-request",
        Text("Demande mal formée", "Bad request"),
        None,
        Text("Corriger les champs nommés.", "Correct the fields named."),
    )
    MALFORMED_REQUEST = (
        "malformed-request",
        Text("Demande illisible", "Request cannot be read"),
        Text("Ce n'est pas une demande HTTP/1.1 bien formée.", "This is no well-formed HTTP/1.1 request."),
        Text("Ouvrir l'adresse de l'application avec un navigateur.", "Open the application's address in a browser."),
    )
    HEADERS_TOO_LONG = (
        "headers-too-long",
        Text("En-têtes trop longs", "Headers too long"),
        None,
        Text("Effacer les cookies de ce site, puis réessayer.", "Delete this site's cookies, then try again."),
    )
    EXAMPLES = (
        "examples",
        Text("Un exemple du texte ne se lit pas", "An example of the text cannot be read"),
        None,
        Text("Faire signer un texte corrigé.", "Have a corrected text signed."),
    )
    HTTP = "http", Text("Refusé", "Refused")
    METHOD = "method", Text("Méthode non admise", "Method not allowed")
    TOO_LARGE = (
        "too-large",
        Text("Demande trop grande", "Request too large"),
        None,
        Text("Raccourcir la demande.", "Shorten the request."),
    )
    TOO_MANY_SITUATIONS = (
        "too-many-situations",
        Text("Trop de situations", "Too many situations"),
        Text(
            "Les deux textes distinguent plus de situations qu'une personne n'en lit.",
            "The two texts tell more situations apart than a person reads.",
        ),
        Text("Les comparer par `belvedere convention diff`.", "Compare them with `belvedere convention diff`."),
    )

    # No room, or nothing can be written, read or shown just now.

    BUSY = (
        "busy",
        Text("Trop de demandes à la fois", "Too many requests at once"),
        None,
        Text("Réessayer dans une seconde.", "Try again in a second."),
    )
    SCREENS = "screens", Text("Trop d'écrans ouverts", "Too many screens open")
    STATIONS = "stations", Text("Trop de postes", "Too many stations")
    NOTES = (
        "notes",
        Text("Trop de consignes à lire", "Too many notes to read"),
        None,
        Text("Faire lire celles qui attendent.", "Have those that wait read."),
    )
    NOT_RECORDED = (
        "not-recorded",
        Text("Le journal ne répond pas", "The journal does not answer"),
        Text(
            "La décision n'a pas pu être écrite au journal ; sans trace, aucune image.",
            "The decision could not be written to the journal; without a record, no image.",
        ),
        _TRY_AGAIN,
    )
    NOT_COMPARED = (
        "not-compared",
        Text("Journal en cours de vérification", "The journal is being checked"),
        Text(
            "Le propriétaire vérifie que son journal dit ce qui y est inscrit ; rien de nouveau n'est ouvert d'ici là.",
            "The owner checks that its journal says what was written to it; nothing new is opened until then.",
        ),
        _TRY_AGAIN,
    )
    NOT_WITNESSED = (
        "not-witnessed",
        Text("Journal pas encore vu par un témoin", "Journal not seen by a witness yet"),
        Text(
            "Depuis son démarrage, ce nœud attend qu'une autre partie ait comparé son journal ; rien n'est ouvert d'ici là.",
            "Since its start this node waits for another party to compare its journal; nothing is opened until then.",
        ),
        _TRY_AGAIN,
    )
    LEDGER_CONTRADICTED = (
        "ledger-contradicted",
        Text("Journal contredit par un témoin", "Journal contradicted by a witness"),
        Text(
            "Une autre partie a contresigné un autre journal que celui de ce nœud ; rien n'est ouvert à une autre partie.",
            "Another party co-signed another journal than this node's; nothing is opened to another party.",
        ),
        _CALL_ADMINISTRATOR,
    )
    PARTNERS_LEDGER = (
        "partners-ledger",
        Text("Journal de votre organisation en défaut", "Your organisation's journal is at fault"),
        Text(
            "Le journal de votre organisation ne continue pas celui qui a été contresigné ; rien ne lui est ouvert.",
            "Your organisation's journal does not continue the one that was co-signed; nothing is opened to it.",
        ),
        _CALL_ADMINISTRATOR,
    )
    WITNESS_SILENT = (
        "witness-silent",
        Text("Journal non contresigné depuis une heure", "Journal not co-signed for an hour"),
        Text(
            "Votre organisation répond, mais n'a pas contresigné ce journal depuis une heure ; rien ne lui est ouvert.",
            "Your organisation answers, but has not co-signed this journal for an hour; nothing is opened to it.",
        ),
        _CALL_ADMINISTRATOR,
    )
    NOT_READ = (
        "not-read",
        Text("Lecture impossible", "Cannot be read"),
        Text(
            "Ce qui est conservé ici ne peut pas être lu en ce moment.",
            "What is kept here cannot be read just now.",
        ),
        _TRY_AGAIN,
    )
    NO_PICTURE = (
        "no-picture",
        Text("Pas d'image", "No picture"),
        Text("Le relais ne peut pas servir cette caméra.", "The relay can't serve this camera."),
        _CALL_ADMINISTRATOR,
    )

    # A screen says so where the node said nothing that it can show.

    REVOKED = "revoked", Text("Vue retirée", "Viewing withdrawn")
    LATE = (
        "late",
        Text(
            "Le serveur n'a pas répondu en 5 s. La demande n'est peut-être pas perdue : regardez, puis redemandez.",
            "The server did not answer within 5 s. The request may not be lost: look, then ask again.",
        ),
    )
    UNREACHABLE = (
        "unreachable",
        Text(
            "Le serveur ne répond pas. Vérifiez la liaison ; l'essai reprend à votre demande.",
            "The server does not answer. Check the link; try again when you wish.",
        ),
    )
    UNREADABLE = (
        "unreadable",
        Text(
            "Le serveur a répondu sans rien d'intelligible. Prévenez l'administrateur.",
            "The server answered nothing intelligible. Tell the administrator.",
        ),
    )

    # A kept record names a cause that this version has no member for.

    UNKNOWN = "unknown", Text("Cause que cette version ne connaît pas", "Cause that this version does not know")


_BY_CODE = {cause.value: cause for cause in Cause}

BY_NODE = frozenset(
    {
        Cause.NOT_OFFERED,
        Cause.FOREIGN_EVENT,
        Cause.OWNER_AWAY,
        Cause.CREW_ENGAGED,
        Cause.NO_VIEWING,
        Cause.STEERED,
    }
)
"""What the node itself refuses, whatever its convention would answer: never a grant, so never looser than the text."""

BY_RULE = frozenset(
    {
        Cause.STRANGER,
        Cause.NOT_HABILITATED,
        Cause.STATION_UNREGISTERED,
        Cause.OUT_OF_SCOPE,
        Cause.ORDER_EXPIRED,
        Cause.AUTHORISATION_WITHDRAWN,
        Cause.SUSPENDED,
        Cause.NO_EVENT,
        Cause.EVENT_CLOSED,
        Cause.EVENT_KIND,
        Cause.PURPOSE,
        Cause.QUOTA,
        Cause.NO_RECORDING,
        Cause.NO_REQUISITION,
        Cause.NO_PTZ,
        Cause.NOT_NOTIFIED,
        Cause.OWNER_STEERS,
        Cause.NOT_IN_FORCE,
        Cause.SILENT,
        Cause.RULE_ERROR,
    }
)
"""With which a rule refuses: what a convention's answer may name, and what may end a right that it no longer grants."""

REFUSALS = BY_RULE | BY_NODE
"""With which a decision may refuse."""

DROPPED_BY_RELAY = frozenset(
    {
        Cause.CONNECTION_LOST,
        Cause.CLOSED_BY_VIEWER,
        Cause.FLOOD,
        Cause.UNREAD,
        Cause.SOURCE_LOST,
        Cause.CAMERA_REMOVED,
        Cause.INTERNAL,
    }
)
"""Why a viewing has no socket any more although nobody ordered it: as the relay tells the node."""

CLOSED_BY_RELAY = frozenset({Cause.REPLACED, Cause.DEADLINE, Cause.TICKET, Cause.RELAY_STOPS})
"""What the relay writes by itself into a close frame, beside what it drops a viewing for."""

ENDS = BY_RULE | {
    Cause.CLOSED,
    Cause.SESSION_ENDED,
    Cause.TICKET_LAPSED,
    Cause.SOCKET_LOST,
    Cause.UNREAD,
    Cause.FLOOD,
    Cause.SOURCE_LOST,
    Cause.CAMERA_REMOVED,
    Cause.PREEMPTED,
    Cause.EXPIRED,
    Cause.RESTART,
    Cause.LINK_LOST,
    Cause.NOT_HELD,
    Cause.CAME_LATE,
    Cause.INTERNAL,
}
"""With which a viewing's last record may tell why it ended."""
