"""Words of which guessed passwords are made, drawn up by hand: what people everywhere choose, and what one would try here.

In plain lower case, without accents, digits or signs: that is how `password_rules` compares. Longer words are taken out of
a password first, so a word may contain another.
"""

EVERYWHERE = """
password passwort passwd motdepasse mdp pass secret secrete welcome bienvenue bonjour hello salut letmein ouvretoi sesame
admin administrator administrateur administration root toor superuser user username utilisateur login logon compte guest
invite test tester testing demo default defaut changeme changezmoi changer temporary temporaire provisoire initial azerty
azertyuiop qwerty qwertyuiop qwertz asdfgh asdfghjkl zxcvbn zxcvbnm wxcvbn qsdfgh qsdfghjklm abcdef abcdefgh abcd abc
iloveyou jetaime jtaime loveyou love amour monamour mylove doudou loulou chouchou cheri cherie coeur bisous princesse
princess prince sunshine soleil rainbow flower fleur butterfly papillon dragon monkey master shadow superman batman
spiderman ironman starwars pokemon naruto minecraft football futbol soccer baseball basketball hockey rugby tennis
marseille olympique psgparis paris lyon bordeaux toulouse nantes lille losc lens france francais liberty liberte egalite
fraternite whatever nothing rien trustno access acces open ouvert enter entrer computer ordinateur internet google facebook
instagram youtube windows microsoft apple iphone android samsung linux ubuntu debian server serveur database postgres mysql
oracle cisco network reseau system systeme security securite private prive confidentiel service support contact info
michael jennifer jessica ashley daniel andrew joshua matthew thomas nicolas julien camille marie jean pierre paul jacques
alexandre maxime antoine vincent sebastien stephanie isabelle nathalie sandrine christine catherine philippe laurent david
charlie george jordan hunter ranger buster tigger cookie ginger pepper summer winter spring autumn ete hiver printemps
automne monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche
january february march april june july august september october november december janvier fevrier mars avril juin juillet
aout septembre octobre novembre decembre happy smile sourire angel ange jesus dieu bible heaven diamond silver golden gold
chocolat chocolate banana orange cherry apple pomme fraise vanille coffee cafe pizza cheese fromage maman papa mother father
family famille baby bebe enfant chien chat kitty puppy minou minette tiger lion panther falcon eagle phoenix
freedom forever always toujours jamais never someone personne unknown inconnu mustang ferrari porsche
mercedes peugeot renault citroen harley yamaha killer hacker hacking matrix maverick corvette genesis legend warrior
princessa qwe asd zxc aze qsd wxc one two three four five un deux trois quatre cinq six sept huit neuf dix zero
"""
"""What people everywhere choose."""

HERE = """
belvedere belvederes hyperviseur hypervision superviseur supervision supervisor operateur operator chef salle poste console
mur ecran camera cameras video videos videoprotection videosurveillance surveillance vms cctv csu cic pcrt ddsp ddpn crs
police municipale nationale policier policiers gendarmerie gendarme prefecture prefet prefecte commissariat commissaire
mairie maire ville commune communes metropole mel etat nord hauts hautsdefrance villeneuve dascq villeneuvedascq ascq vda
lille roubaix tourcoing rouen normandie lezennes stade pierremauroy mauroy agent agents brigade patrouille equipe equipier
habilitation habilite convention journal evenement intervention securite publique urgence directeur direction inspection
inspecteur station vigilance vigipirate sentinelle
"""
"""What one would try here."""

TRIED_WORDS = tuple(sorted({*EVERYWHERE.split(), *HERE.split()}, key=lambda word: (-len(word), word)))
"""All of them, the longest first."""

TRIED_PHRASES = frozenset(
    {"correcthorsebatterystaple", "tobeornottobe", "maytheforcebewithyou", "etregardedanslaglace"}
)
"""Whole passwords that anybody knows, although no rule would find them weak."""
