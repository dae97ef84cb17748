"""Why a camera gives no pictures: a closed set of causes, each with its words for a room and for a technician.

The same code stands in the log, on /readyz and /metrics, in what viewers and screens are told. The relay has the same set
(`SourceCause` in crates/relay), but for `no-address`, which it never comes to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.text import Text


class SourceCause(StrEnum):
    """Every cause for which a camera is lost."""

    NO_ADDRESS = "no-address"
    """The inventory names the camera, and no address is entered for it."""
    SOURCE_FORBIDDEN = "source-forbidden"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    UNTRUSTED = "untrusted"
    NO_PASSWORD = "no-password"  # noqa: S105 (a cause's code)
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 (a cause's code)
    PASSWORD_IN_CLEAR = "password-in-clear"  # noqa: S105 (a cause's code)
    ACCESS_DENIED = "access-denied"
    NOT_FOUND = "not-found"
    BUSY = "busy"
    REDIRECTED = "redirected"
    UDP_ONLY = "udp-only"
    NO_TRANSPORT = "no-transport"
    REFUSED = "refused"
    NO_VIDEO = "no-video"
    UNREADABLE = "unreadable"
    MESSAGE_TOO_LONG = "message-too-long"
    BAD_PACKETS = "bad-packets"
    WRONG_PAYLOAD_TYPE = "wrong-payload-type"
    SWAPPED_CHANNELS = "swapped-channels"
    NO_PPS = "no-pps"
    NO_ENTRY_POINT = "no-entry-point"
    ACCESS_UNIT_TOO_LONG = "access-unit-too-long"
    NO_PICTURE = "no-picture"
    SILENT = "silent"
    CLOSED = "closed"
    PEER_UNREACHABLE = "peer-unreachable"
    """The camera is another party's, as with the next four: the fault lies at its relay, or between here and there."""
    PEER_UNTRUSTED = "peer-untrusted"
    PEER_REFUSED = "peer-refused"
    PEER_UNREADABLE = "peer-unreadable"
    PEER_SILENT = "peer-silent"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in a few words (for a line that groups cameras), in a sentence, and what a technician can do."""

    short: Text
    sentence: Text
    remedy: Text


SOURCE_CAUSES: Mapping[SourceCause, CauseWords] = {
    SourceCause.NO_ADDRESS: CauseWords(
        short=Text("adresse non renseignée", "no address entered"),
        sentence=Text(
            "Aucune adresse n'est renseignée pour cette caméra.",
            "No address is entered for this camera.",
        ),
        remedy=Text(
            "Ajouter la caméra au fichier des sources, puis redémarrer le nœud.",
            "Add the camera to the file of sources, then restart the node.",
        ),
    ),
    SourceCause.SOURCE_FORBIDDEN: CauseWords(
        short=Text("adresse hors des réseaux admis", "address outside the allowed networks"),
        sentence=Text(
            "L'adresse de la caméra est hors des réseaux où le nœud peut appeler des caméras.",
            "The camera's address is outside the networks in which the node may call cameras.",
        ),
        remedy=Text(
            "Corriger l'adresse de la caméra, ou ajouter son réseau à `source_networks`.",
            "Correct the camera's address, or add its network to `source_networks`.",
        ),
    ),
    SourceCause.UNREACHABLE: CauseWords(
        short=Text("injoignable", "unreachable"),
        sentence=Text(
            "La caméra est injoignable : rien ne répond à son adresse.",
            "The camera is unreachable: nothing answers at its address.",
        ),
        remedy=Text(
            "Vérifier l'alimentation, le câble et le commutateur de l'armoire, puis l'adresse et le port de la caméra.",
            "Check the power, the cable and the cabinet's switch, then the camera's address and port.",
        ),
    ),
    SourceCause.TIMED_OUT: CauseWords(
        short=Text("ne répond pas à temps", "does not answer in time"),
        sentence=Text(
            "La caméra ne répond pas dans les quatre secondes.",
            "The camera does not answer within four seconds.",
        ),
        remedy=Text(
            "Vérifier la liaison et sa charge ; redémarrer la caméra si elle répond au ping sans servir son flux.",
            "Check the link and its load; restart the camera if it answers pings and does not serve its stream.",
        ),
    ),
    SourceCause.UNTRUSTED: CauseWords(
        short=Text("certificat refusé", "certificate refused"),
        sentence=Text(
            "La caméra ne présente aucun certificat que les autorités du site reconnaissent.",
            "The camera shows no certificate that the site's authorities vouch for.",
        ),
        remedy=Text(
            "Renouveler le certificat de la caméra, ou ajouter son autorité à `source_authorities` ; "
            "vérifier l'heure de la caméra.",
            "Renew the camera's certificate, or add its authority to `source_authorities`; check the camera's clock.",
        ),
    ),
    SourceCause.NO_PASSWORD: CauseWords(
        short=Text("mot de passe non renseigné", "no password entered"),
        sentence=Text(
            "La caméra demande un mot de passe, et aucun n'est renseigné pour elle.",
            "The camera asks for a password, and none is entered for it.",
        ),
        remedy=Text(
            "Renseigner le compte et le mot de passe de la caméra dans le fichier des sources.",
            "Enter the camera's account and password in the file of sources.",
        ),
    ),
    SourceCause.WRONG_PASSWORD: CauseWords(
        short=Text("mot de passe refusé", "wrong password"),
        sentence=Text(
            "La caméra refuse le compte ou le mot de passe renseigné.",
            "The camera refuses the account or the password that is entered.",
        ),
        remedy=Text(
            "Corriger le compte et le mot de passe dans le fichier des sources ; "
            "vérifier que la caméra n'a pas bloqué le compte.",
            "Correct the account and the password in the file of sources; "
            "check that the camera has not locked the account.",
        ),
    ),
    SourceCause.PASSWORD_IN_CLEAR: CauseWords(
        short=Text("mot de passe demandé en clair", "password asked in clear"),
        sentence=Text(
            "La caméra demande son mot de passe en clair : il ne lui est pas envoyé.",
            "The camera asks for its password in clear: it is not sent.",
        ),
        remedy=Text(
            "Activer l'authentification « digest » de la caméra, ou passer son adresse en `rtsps`.",
            "Turn on the camera's digest authentication, or make its address `rtsps`.",
        ),
    ),
    SourceCause.ACCESS_DENIED: CauseWords(
        short=Text("compte sans droit sur la vidéo", "account without the right to the video"),
        sentence=Text(
            "La caméra reconnaît le compte, mais lui refuse la vidéo.",
            "The camera knows the account and denies it the video.",
        ),
        remedy=Text(
            "Donner au compte le droit de lire le flux, dans les réglages de la caméra.",
            "Give the account the right to read the stream, in the camera's settings.",
        ),
    ),
    SourceCause.NOT_FOUND: CauseWords(
        short=Text("flux introuvable", "stream not found"),
        sentence=Text(
            "La caméra répond, mais n'a pas de flux à ce chemin.",
            "The camera answers, and has no stream at that path.",
        ),
        remedy=Text(
            "Corriger le chemin dans l'adresse de la caméra (il change souvent avec le micrologiciel).",
            "Correct the path in the camera's address (it often changes with the firmware).",
        ),
    ),
    SourceCause.BUSY: CauseWords(
        short=Text("caméra saturée", "camera busy"),
        sentence=Text(
            "La caméra sert déjà autant de flux qu'elle le peut ; elle est rappelée quand elle peut en avoir libéré un, "
            "dans les deux minutes.",
            "The camera already serves as many streams as it can; it is called again once it can have freed one, "
            "within two minutes.",
        ),
        remedy=Text(
            "Fermer d'autres lecteurs de cette caméra, ou relever le nombre de flux qu'elle admet.",
            "Close other readers of this camera, or raise the number of streams that it admits.",
        ),
    ),
    SourceCause.REDIRECTED: CauseWords(
        short=Text("renvoie vers une autre adresse", "sends to another address"),
        sentence=Text(
            "La caméra renvoie vers une autre adresse ; les renvois ne sont pas suivis.",
            "The camera sends to another address; redirects are not followed.",
        ),
        remedy=Text(
            "Renseigner l'adresse définitive de la caméra dans le fichier des sources.",
            "Enter the camera's final address in the file of sources.",
        ),
    ),
    SourceCause.UDP_ONLY: CauseWords(
        short=Text("UDP seulement", "UDP only"),
        sentence=Text(
            "La caméra n'envoie sa vidéo qu'en UDP, donc en clair, alors que son adresse est en `rtsps`.",
            "The camera sends its video over UDP only, so in clear, although its address is `rtsps`.",
        ),
        remedy=Text(
            "Activer « RTP sur RTSP (TCP) » dans les réglages réseau de la caméra, ou passer son adresse en `rtsp`.",
            "Turn on RTP over RTSP (TCP) in the camera's network settings, or make its address `rtsp`.",
        ),
    ),
    SourceCause.NO_TRANSPORT: CauseWords(
        short=Text("ni TCP ni UDP", "neither TCP nor UDP"),
        sentence=Text(
            "La caméra refuse d'envoyer sa vidéo en TCP comme en UDP.",
            "The camera refuses to send its video over TCP and over UDP.",
        ),
        remedy=Text(
            "Activer « RTP sur RTSP (TCP) » dans les réglages réseau de la caméra ; désactiver le multicast imposé.",
            "Turn on RTP over RTSP (TCP) in the camera's network settings; turn off multicast where it is imposed.",
        ),
    ),
    SourceCause.REFUSED: CauseWords(
        short=Text("demande refusée", "request refused"),
        sentence=Text(
            "La caméra refuse la demande de flux.",
            "The camera refuses the request for its stream.",
        ),
        remedy=Text(
            "Lire le code de refus dans le journal technique ; redémarrer la caméra s'il revient.",
            "Read the refusal's status in the log; restart the camera if it comes again.",
        ),
    ),
    SourceCause.NO_VIDEO: CauseWords(
        short=Text("aucune vidéo H.264 ou H.265", "no H.264 or H.265 video"),
        sentence=Text(
            "Le flux de la caméra ne contient pas de vidéo H.264 ou H.265.",
            "The camera's stream has no H.264 or H.265 video.",
        ),
        remedy=Text(
            "Régler la caméra en H.264, ou choisir le chemin de son flux vidéo.",
            "Set the camera to H.264, or choose the path of its video stream.",
        ),
    ),
    SourceCause.UNREADABLE: CauseWords(
        short=Text("réponse illisible", "unreadable answer"),
        sentence=Text(
            "La réponse de la caméra est illisible : ce n'est pas du RTSP comme la norme le veut.",
            "The camera's answer cannot be read: it is not RTSP as the standard has it.",
        ),
        remedy=Text(
            "Vérifier que le port est bien celui de la vidéo ; mettre à jour le micrologiciel ; "
            "envoyer la capture réseau à l'éditeur.",
            "Check that the port is the video's; update the firmware; send the packet capture to the supplier.",
        ),
    ),
    SourceCause.MESSAGE_TOO_LONG: CauseWords(
        short=Text("réponse démesurée", "oversized answer"),
        sentence=Text(
            "La caméra envoie une réponse plus longue que ce qui est admis.",
            "The camera sends an answer longer than is allowed.",
        ),
        remedy=Text(
            "Vérifier que l'adresse est bien celle de la caméra ; l'isoler du réseau si le défaut persiste.",
            "Check that the address is the camera's; take it off the network if the fault stays.",
        ),
    ),
    SourceCause.BAD_PACKETS: CauseWords(
        short=Text("paquets vidéo illisibles", "unreadable video packets"),
        sentence=Text(
            "Les paquets vidéo de la caméra sont illisibles.",
            "The camera's video packets cannot be read.",
        ),
        remedy=Text(
            "Mettre à jour le micrologiciel ; le journal technique dit quel paquet retrouver dans une capture réseau.",
            "Update the firmware; the log says which packet to look for in a packet capture.",
        ),
    ),
    SourceCause.WRONG_PAYLOAD_TYPE: CauseWords(
        short=Text("type de vidéo non annoncé", "unannounced payload type"),
        sentence=Text(
            "La caméra envoie un autre type de données (payload type RTP) que celui qu'elle annonce.",
            "The camera sends another RTP payload type than it announces.",
        ),
        remedy=Text(
            "Redémarrer la caméra, vérifier son codec, mettre à jour le micrologiciel.",
            "Restart the camera, check its codec, update the firmware.",
        ),
    ),
    SourceCause.SWAPPED_CHANNELS: CauseWords(
        short=Text("canaux intervertis", "swapped channels"),
        sentence=Text(
            "La caméra envoie ses images sur un autre canal que celui convenu.",
            "The camera sends its pictures on another channel than was agreed.",
        ),
        remedy=Text(
            "Redémarrer la caméra, mettre à jour le micrologiciel.",
            "Restart the camera, update the firmware.",
        ),
    ),
    SourceCause.NO_PPS: CauseWords(
        short=Text("paramètres vidéo absents (SPS/PPS)", "no parameter sets (SPS/PPS)"),
        sentence=Text(
            "La caméra envoie des images sans les paramètres (SPS/PPS) qui permettent de les lire.",
            "The camera sends pictures without the parameter sets (SPS/PPS) that they need.",
        ),
        remedy=Text(
            "Redémarrer la caméra ; régler l'envoi de SPS/PPS à chaque image clé.",
            "Restart the camera; set it to send SPS/PPS with each key frame.",
        ),
    ),
    SourceCause.NO_ENTRY_POINT: CauseWords(
        short=Text("aucune image clé", "no key frame"),
        sentence=Text(
            "La caméra envoie des images, mais aucune image clé par laquelle commencer.",
            "The camera sends pictures, and no key frame to begin with.",
        ),
        remedy=Text(
            "Régler une image clé (I) toutes les une à deux secondes ; désactiver le « codec intelligent » "
            "et l'actualisation progressive (intra refresh).",
            "Set a key frame (I) every one or two seconds; turn off the smart codec and intra refresh.",
        ),
    ),
    SourceCause.ACCESS_UNIT_TOO_LONG: CauseWords(
        short=Text("image démesurée", "oversized picture"),
        sentence=Text(
            "La caméra envoie une image plus lourde que ce qui est admis.",
            "The camera sends a picture larger than is allowed.",
        ),
        remedy=Text(
            "Baisser le débit ou la définition de la caméra.",
            "Lower the camera's bit rate or resolution.",
        ),
    ),
    SourceCause.NO_PICTURE: CauseWords(
        short=Text("données sans image", "data without a picture"),
        sentence=Text(
            "La caméra envoie des données dont aucune n'est une image.",
            "The camera sends data, and none of it is a picture.",
        ),
        remedy=Text(
            "Vérifier le chemin du flux et le codec ; redémarrer la caméra.",
            "Check the stream's path and the codec; restart the camera.",
        ),
    ),
    SourceCause.SILENT: CauseWords(
        short=Text("muette", "silent"),
        sentence=Text(
            "La caméra a accepté la lecture, mais n'envoie plus rien.",
            "The camera accepted to play, and sends nothing any more.",
        ),
        remedy=Text(
            "Redémarrer la caméra ; vérifier la liaison si plusieurs caméras de l'armoire se taisent.",
            "Restart the camera; check the link where several cameras of the cabinet are silent.",
        ),
    ),
    SourceCause.CLOSED: CauseWords(
        short=Text("connexion coupée par la caméra", "connection closed by the camera"),
        sentence=Text(
            "La caméra a coupé la connexion.",
            "The camera closed the connection.",
        ),
        remedy=Text(
            "Attendre une minute (elle redémarre peut-être) ; vérifier ensuite l'alimentation et le nombre de lecteurs.",
            "Wait a minute (it may be restarting); then check its power and the number of its readers.",
        ),
    ),
    SourceCause.PEER_UNREACHABLE: CauseWords(
        short=Text("propriétaire injoignable", "owner unreachable"),
        sentence=Text(
            "Le système du propriétaire de la caméra est injoignable, ou la liaison avec lui est coupée.",
            "The system of the camera's owner cannot be reached, or the link with it is cut.",
        ),
        remedy=Text(
            "Vérifier la liaison entre les deux sites ; si elle est bonne, appeler le propriétaire.",
            "Check the link between the two sites; where it is good, call the owner.",
        ),
    ),
    SourceCause.PEER_UNTRUSTED: CauseWords(
        short=Text("clé du propriétaire refusée", "owner's key refused"),
        sentence=Text(
            "Le système qui répond à l'adresse du propriétaire n'a pas la clé inscrite avec la convention.",
            "The system that answers at the owner's address does not have the key that is written with the convention.",
        ),
        remedy=Text(
            "Appeler le propriétaire : a-t-il changé de clé ? Sinon, vérifier l'adresse et ce qui se trouve sur la liaison.",
            "Call the owner: was its key replaced? If not, check the address and what stands on the link.",
        ),
    ),
    SourceCause.PEER_REFUSED: CauseWords(
        short=Text("images non données par le propriétaire", "no pictures given by the owner"),
        sentence=Text(
            "Le système du propriétaire n'a pas donné accès aux images de la caméra.",
            "The system of the camera's owner gave no access to its pictures.",
        ),
        remedy=Text(
            "Rouvrir la caméra ; si cela dure, appeler le propriétaire.",
            "Open the camera again; if it lasts, call the owner.",
        ),
    ),
    SourceCause.PEER_UNREADABLE: CauseWords(
        short=Text("images du propriétaire illisibles", "owner's pictures unreadable"),
        sentence=Text(
            "Ce que le système du propriétaire envoie pour cette caméra est illisible.",
            "What the owner's system sends for this camera cannot be read.",
        ),
        remedy=Text(
            "Vérifier que les deux systèmes sont de versions voisines ; envoyer le journal technique à l'éditeur.",
            "Check that the two systems are of neighbouring versions; send the log to the supplier.",
        ),
    ),
    SourceCause.PEER_SILENT: CauseWords(
        short=Text("liaison avec le propriétaire muette", "link with the owner silent"),
        sentence=Text(
            "Plus rien ne vient du système du propriétaire.",
            "Nothing comes from the owner's system any more.",
        ),
        remedy=Text(
            "Vérifier la liaison entre les deux sites et sa charge ; si elle est bonne, appeler le propriétaire.",
            "Check the link between the two sites and its load; where it is good, call the owner.",
        ),
    ),
    SourceCause.INTERNAL: CauseWords(
        short=Text("défaut du relais", "fault of the relay"),
        sentence=Text(
            "La lecture de cette caméra s'est arrêtée sur un défaut du relais, qui la reprend.",
            "Reading this camera stopped on a fault of the relay, which takes it up again.",
        ),
        remedy=Text(
            "Envoyer le journal technique à l'éditeur.",
            "Send the log to the supplier.",
        ),
    ),
}
